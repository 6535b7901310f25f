import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadStart } from './thread-start.ts';
import { runWriter } from './write-loop.ts';

if (!parentPort) throw new Error('ledger-thread runs only as a worker thread');
const start = workerData as ThreadStart;
// Each process has a writer and starts with it; the others, and all they need, are loaded when they are wanted.
switch (start.work) {
  case 'write':
    runWriter(parentPort, start.file);
    break;
  case 'look':
    (await import('./look-loop.ts')).runLooker(parentPort, start.file);
    break;
  case 'verify':
    (await import('./verify-books.ts')).runVerify(parentPort, start);
    break;
  case 'copy':
    (await import('./copy-books.ts')).runCopy(parentPort, start);
    break;
}
