import { acquireRoleLock } from '../role-lock.ts';

/** A process of its own for tests: takes the lock, prints what came of it, and holds it until its stdin ends. */
const [file = '', port = '0'] = process.argv.slice(2);
const taken = acquireRoleLock({ file, holder: { pid: process.pid, startedAt: 1 } });
if ('heldBy' in taken) {
  console.log(JSON.stringify(taken.heldBy));
} else {
  taken.tell({ pid: process.pid, startedAt: 1, port: Number(port) });
  console.log('"taken"');
  process.stdin.on('end', () => taken.release()).resume();
}
