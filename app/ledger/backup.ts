import { closeSync, existsSync, fsyncSync, openSync, realpathSync, renameSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { GridError } from '../protocol/errors.ts';
import { sizeOfStore } from '../store/copy-store.ts';
import type { CopyProgress } from './copy-books.ts';
import type { BackupProgress, BackupReport } from './ledger.ts';
import { runTask, type TaskOptions } from './task.ts';

const LOOK_EVERY_MS = 200;

/** See LedgerTasks.backup. Written beside its place under another name: a backup that is there is a whole one. */
export async function backUp(
  { file, target, threadUrl }: { file: string; target: string; threadUrl: URL },
  { force = false, signal, onProgress }: { force?: boolean } & TaskOptions<BackupProgress>,
): Promise<BackupReport> {
  const place = resolve(target);
  refusePlace(file, place, force);
  const partial = join(dirname(place), `.${basename(place)}.${process.pid}.partial`);
  rmSync(partial, { force: true });
  const total = sizeOfStore(file);
  const look = setInterval(() => {
    const size = statSync(partial, { throwIfNoEntry: false })?.size ?? 0;
    onProgress?.({ step: 'copy', done: Math.min(size, total), total });
  }, LOOK_EVERY_MS);
  try {
    const report = await runTask<BackupReport, CopyProgress>(
      threadUrl,
      { work: 'copy', file, target: partial },
      {
        signal,
        onProgress() {
          clearInterval(look);
          onProgress?.({ step: 'verify', done: 0, total: 1 });
        },
      },
    );
    refusePlace(file, place, force);
    renameSync(partial, place);
    syncFolder(dirname(place));
    onProgress?.({ step: 'verify', done: 1, total: 1 });
    return { ...report, file: place };
  } finally {
    clearInterval(look);
    rmSync(partial, { force: true });
  }
}

function refusePlace(file: string, place: string, force: boolean): void {
  if (!existsSync(dirname(place))) throw new GridError('invalid_argument', `There is no folder '${dirname(place)}'.`);
  const real = join(realpathSync(dirname(place)), basename(place));
  const books = realpathSync(file);
  if ([books, `${books}-wal`, `${books}-shm`].includes(existsSync(real) ? realpathSync(real) : real))
    throw new GridError('invalid_argument', 'That is the ledger itself: name another file.');
  if (!existsSync(place)) return;
  if (!force)
    throw new GridError(
      'invalid_argument',
      `'${place}' is there already: name another file, or replace it with '--force'.`,
    );
  if (!statSync(place).isFile()) throw new GridError('invalid_argument', `'${place}' is no file.`);
}

/** The new name is on the disk only when the folder is. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  fsyncSync(handle);
  closeSync(handle);
}
