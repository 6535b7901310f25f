import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { WritableDatabase } from '../store/driver.ts';
import { openStore } from '../store/open-store.ts';
import { failureOf, prepareBatches } from './write-batch.ts';
import type { WriterReply, WriterRequest } from './write-op.ts';

/**
 * What the thread does that owns the writable connection. While it waits for the disk requests pile up at its port; the next commit
 * takes all of them. That alone makes the batches: there is no timer.
 */
export function runWriter(port: MessagePort, file: string): void {
  const reply = (message: WriterReply) => port.postMessage(message);
  let db: WritableDatabase;
  try {
    db = openStore(file);
  } catch (error) {
    reply({ notOpened: failureOf(error) });
    return;
  }
  const write = prepareBatches(db);
  reply('opened');

  port.on('message', (first: WriterRequest) => {
    const requests = [first];
    for (let next = receive(port); next !== undefined; next = receive(port)) requests.push(next);
    const asked = requests.filter((request) => request !== 'close');
    if (asked.length > 0) {
      const outcomes = write(asked.map(({ op }) => op));
      // prepareBatches answers each operation, in order.
      reply({ answers: asked.map(({ ticket }, index) => ({ ticket, outcome: outcomes[index]! })) });
    }
    if (requests.includes('close')) {
      db.close();
      port.close();
    }
  });
}

function receive(port: MessagePort): WriterRequest | undefined {
  return receiveMessageOnPort(port)?.message as WriterRequest | undefined;
}
