import { GridError } from '../protocol/errors.ts';
import { acquireRoleLock } from '../store/role-lock.ts';

const TRIES = 100;
const PAUSE_MS = 20;

/**
 * Reads, changes and writes a file while no other process of the same home does. Short work only: others wait meanwhile.
 * @throws GridError home_unwritable; already_running when somebody kept the lock for two seconds
 */
export function exclusively<Result>(file: string, work: () => Result): Result {
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const lock = acquireRoleLock({ file: `${file}.lock`, holder: { pid: process.pid } });
    if ('release' in lock) {
      try {
        return work();
      } finally {
        lock.release();
      }
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
  }
  throw new GridError('already_running', `Another Lobstah has been changing '${file}' for two seconds.`);
}
