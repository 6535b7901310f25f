import { statSync } from 'node:fs';
import type { MessagePort } from 'node:worker_threads';
import { copyStore } from '../store/copy-store.ts';
import { openReadable } from '../store/driver.ts';
import type { BackupReport } from './ledger.ts';
import type { TaskReply } from './task.ts';
import type { ThreadStart } from './thread-start.ts';
import { verifyBooks } from './verify-books.ts';
import { failureOf } from './write-batch.ts';

/** From the thread of a backup: it cannot tell how far SQLite's copying is, whoever started it looks at the file. */
export type CopyProgress = 'copied';

/** What the thread of a backup does: copies, then verifies the copy as the file it is, all but the signatures. */
export function runCopy(port: MessagePort, { file, target }: Extract<ThreadStart, { work: 'copy' }>): void {
  const tell = (reply: TaskReply<BackupReport, CopyProgress>) => port.postMessage(reply);
  try {
    copyStore(file, target);
    tell({ progress: 'copied' });
    const copy = openReadable(target, 0);
    const { ok, entries, problems } = verifyBooks(copy, undefined);
    copy.close();
    if (ok) tell({ result: { file: target, bytes: statSync(target).size, entries } });
    else
      tell({
        failure: {
          code: 'database_damaged',
          message: `The copy is not right: ${problems[0]?.name ?? ''} ${problems[0]?.what ?? ''}.`,
          cause: '',
        },
      });
  } catch (error) {
    tell({ failure: failureOf(error) });
  }
  port.close();
}
