import { closeSync, fsyncSync, openSync } from 'node:fs';
import { openReadable, vacuumInto } from './driver.ts';
import { storeError } from './store-error.ts';

/**
 * Writes one moment of the database `file` into `target`, which must be empty or not there, and syncs it. Others may read
 * and write meanwhile. Blocks for as long as it takes.
 * @throws GridError ledger_failed, database_damaged, home_unwritable
 */
export function copyStore(file: string, target: string): void {
  try {
    // Made here, because SQLite would make one that everybody may read.
    closeSync(openSync(target, 'wx', 0o600));
    vacuumInto(file, target);
    const copy = openSync(target, 'r+');
    fsyncSync(copy);
    closeSync(copy);
  } catch (error) {
    throw storeError(error);
  }
}

/** How many bytes a copy would have at most. */
export function sizeOfStore(file: string): number {
  const db = openReadable(file, 1_000);
  try {
    const { bytes } = db
      .prepare('SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size')
      .get() as { bytes: number };
    return bytes;
  } finally {
    db.close();
  }
}
