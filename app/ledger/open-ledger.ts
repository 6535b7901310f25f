import { ORDER_MAX_LIFE_MS } from '../protocol/order.ts';
import { GridError } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { ReadableDatabase } from '../store/driver.ts';
import { openStoreForReading } from '../store/open-store.ts';
import { createStoredJobs } from './create-stored-jobs.ts';
import { backUp } from './backup.ts';
import { importedEntry } from './imported-entry.ts';
import type { Ledger } from './ledger.ts';
import { localDay as localDayByClock } from './local-day.ts';
import { askedEntry, disputedEntry, orderJson, servedEntry, type EntryContext } from './new-entry.ts';
import { createLooker } from './looker.ts';
import { createReader } from './reader.ts';
import { runTask } from './task.ts';
import { startWriter, type Writer } from './writer.ts';

/** Where the threads' script is when nothing is bundled. */
const THREAD_URL = new URL('./ledger-thread.ts', import.meta.url);

/**
 * Opens the books of one home, creates them when there are none. Several processes may have them open, each with a writer of
 * its own. Commits run in a thread, and so does what reads much; other looking runs here, on a connection that cannot write.
 * @param threadUrl where the bundled ledger-thread is, if not beside this file
 * @throws GridError database_newer, database_damaged, home_unwritable, ledger_failed
 */
export async function openLedger({
  file,
  ownPubkey,
  localDay = localDayByClock,
  threadUrl = THREAD_URL,
}: {
  file: string;
  ownPubkey: Pubkey;
  localDay?: (ms: number) => string;
  threadUrl?: URL;
}): Promise<Ledger> {
  const writer = await startWriter(file, threadUrl);
  const db = await lookAt(file, writer);
  const looker = createLooker(file, threadUrl);
  const closing = new AbortController();
  const whileOpen = <Options extends { signal?: AbortSignal | undefined }>(options: Options) => ({
    ...options,
    signal: options.signal ? AbortSignal.any([closing.signal, options.signal]) : closing.signal,
  });
  const context: EntryContext = { ownPubkey, localDay };
  let closed: Promise<void> | undefined;
  const close = () => {
    // The writer goes last: the last connection that may write folds the WAL into the file.
    closed ??= (async () => {
      closing.abort(new GridError('ledger_failed', 'The ledger is closed.'));
      db.close();
      await looker.close();
      await writer.close();
    })();
    return closed;
  };

  return {
    ...createReader(db),
    storedJobs: createStoredJobs(db, writer, context),
    ownPubkey,
    takeOrder({ order }, nowMs) {
      const { workerPubkey: worker, requesterPubkey: requester, nonce } = order;
      return writer.send({ op: 'take', worker, requester, nonce, nowMs });
    },
    async openOrder(order) {
      const { issuedAt, deadline } = order.order;
      const expiresAtMs = Math.min(deadline, issuedAt + ORDER_MAX_LIFE_MS);
      await writer.send({
        op: 'open',
        jobId: order.jobId,
        orderJson: orderJson(order),
        issuedAtMs: issuedAt,
        expiresAtMs,
      });
    },
    appendServed: async (receipt, terms) => writer.send({ op: 'append', entry: servedEntry(receipt, terms, context) }),
    appendAsked: async (receipt, terms) =>
      writer.send({ op: 'append', entry: askedEntry(receipt, terms, context) }, terms.patienceMs),
    appendDisputed: async (disputed) => writer.send({ op: 'append', entry: disputedEntry(disputed, context) }),
    appendImported: async (job) => writer.send({ op: 'append', entry: importedEntry(job, context) }),
    page: (query) => looker.ask({ look: 'page', query }),
    history: (sinceDay) => looker.ask({ look: 'days', sinceDay }),
    verify: ({ signatures = true, ...options } = {}) =>
      runTask(threadUrl, { work: 'verify', file, ownPubkey, signatures }, whileOpen(options)),
    backup: (target, options = {}) => backUp({ file, target, threadUrl }, whileOpen(options)),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function lookAt(file: string, writer: Writer): Promise<ReadableDatabase> {
  try {
    return openStoreForReading(file);
  } catch (error) {
    await writer.close();
    throw error;
  }
}
