import { parentPort, workerData } from 'node:worker_threads';
import { runCopy } from './copy-books.ts';
import { runLooker } from './look-loop.ts';
import type { ThreadStart } from './thread-start.ts';
import { runVerify } from './verify-books.ts';
import { runWriter } from './write-loop.ts';

if (!parentPort) throw new Error('ledger-thread runs only as a worker thread');
const start = workerData as ThreadStart;
switch (start.work) {
  case 'write':
    runWriter(parentPort, start.file);
    break;
  case 'look':
    runLooker(parentPort, start.file);
    break;
  case 'verify':
    runVerify(parentPort, start);
    break;
  case 'copy':
    runCopy(parentPort, start);
    break;
}
