import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { openWritable, type WritableDatabase } from './driver.ts';
import { isBusy } from './store-error.ts';

/** What the holder says of itself, for the sentence that names it. */
const holderSchema = z.object({
  pid: z.int().positive().optional(),
  port: z.int().positive().optional(),
  url: z.string().optional(),
  /** ms since 1970 */
  startedAt: z.int().optional(),
});
export type RoleHolder = z.infer<typeof holderSchema>;

export interface RoleLock {
  /** Says more of the holder, for example its port once it listens. */
  tell(holder: RoleHolder): void;
  /** Safe to call twice. */
  release(): void;
}

/**
 * Takes `file` for this process, or says who has it. The lock is an exclusive transaction on an empty SQLite database, so the
 * kernel itself releases it when the process ends, kill -9 included: there is no stale lock. What the holder says of itself is
 * in `<file>.json`, because reading the lock file with anything but SQLite would drop the lock (see open-store.ts).
 * @throws GridError home_unwritable
 */
export function acquireRoleLock({
  file,
  holder,
}: {
  file: string;
  holder: RoleHolder;
}): RoleLock | { heldBy: RoleHolder } {
  let db: WritableDatabase | undefined;
  try {
    db = openWritable(file);
    db.exec('PRAGMA busy_timeout = 0');
    db.exec('BEGIN EXCLUSIVE');
    return hold(db, `${file}.json`, holder);
  } catch (error) {
    db?.close();
    if (isBusy(error)) return { heldBy: readHolder(`${file}.json`) };
    throw new GridError('home_unwritable', `The lock file '${file}' cannot be used.`, { cause: error });
  }
}

function hold(db: WritableDatabase, holderFile: string, holder: RoleHolder): RoleLock {
  const tell = (next: RoleHolder) => {
    // Renamed into place: whoever reads sees a whole one.
    writeFileSync(`${holderFile}.new`, `${JSON.stringify(next)}\n`, { mode: 0o600 });
    renameSync(`${holderFile}.new`, holderFile);
  };
  tell(holder);
  let held = true;
  return {
    tell,
    release() {
      if (!held) return;
      held = false;
      rmSync(holderFile, { force: true });
      db.exec('ROLLBACK');
      db.close();
    },
  };
}

/** @returns an empty holder when the file is missing or unreadable: the lock counts, the name is only for people */
function readHolder(holderFile: string): RoleHolder {
  try {
    return holderSchema.parse(JSON.parse(readFileSync(holderFile, 'utf8')));
  } catch {
    return {};
  }
}
