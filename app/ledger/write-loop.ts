import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';
import type { WritableDatabase } from '../store/driver.ts';
import { openStore } from '../store/open-store.ts';
import { failureOf, prepareBatches } from './write-batch.ts';
import type { WriterReply, WriterRequest } from './write-op.ts';

/**
 * What the thread does that owns the writable connection. While it waits for the disk requests pile up at its port; the next commit
 * takes all of them. A request whose sender knows that others are on the way waits a moment for them.
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

  let requests: WriterRequest[] = [];
  let timer: NodeJS.Timeout | undefined;
  function commit(): void {
    clearTimeout(timer);
    timer = undefined;
    for (let next = receive(port); next !== undefined; next = receive(port)) requests.push(next);
    const asked = requests.filter((request) => request !== 'close');
    const closing = requests.includes('close');
    requests = [];
    if (asked.length > 0) {
      const outcomes = write(asked.map(({ op }) => op));
      // prepareBatches answers each operation, in order.
      reply({ answers: asked.map(({ ticket }, index) => ({ ticket, outcome: outcomes[index]! })) });
    }
    if (closing) {
      db.close();
      port.close();
    }
  }
  port.on('message', (request: WriterRequest) => {
    requests.push(request);
    if (request === 'close' || request.patienceMs === 0) commit();
    else timer ??= setTimeout(commit, request.patienceMs);
  });
}

function receive(port: MessagePort): WriterRequest | undefined {
  return receiveMessageOnPort(port)?.message as WriterRequest | undefined;
}
