import { ORDER_MAX_LIFE_MS } from '../protocol/order.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { ReadableDatabase } from '../store/driver.ts';
import { openStoreForReading } from '../store/open-store.ts';
import type { Ledger } from './ledger.ts';
import { localDay as localDayByClock } from './local-day.ts';
import { askedEntry, disputedEntry, orderJson, servedEntry, type EntryContext } from './new-entry.ts';
import { createReader } from './reader.ts';
import { startWriter, type Writer } from './writer.ts';

/**
 * Opens the books of one home, creates them when there are none. Several processes may have them open, each with a writer of
 * its own. Commits run in a thread; looking runs here, on a connection that cannot write.
 * @param writerUrl where the bundled writer thread is, if not beside this file
 * @throws GridError database_newer, database_damaged, home_unwritable, ledger_failed
 */
export async function openLedger({
  file,
  ownPubkey,
  localDay = localDayByClock,
  writerUrl = new URL('./writer-thread.ts', import.meta.url),
}: {
  file: string;
  ownPubkey: Pubkey;
  localDay?: (ms: number) => string;
  writerUrl?: URL;
}): Promise<Ledger> {
  const writer = await startWriter(file, writerUrl);
  const db = await lookAt(file, writer);
  const context: EntryContext = { ownPubkey, localDay };
  let closed: Promise<void> | undefined;
  const close = () => {
    // The writer goes last: the last connection that may write folds the WAL into the file.
    closed ??= (db.close(), writer.close());
    return closed;
  };

  return {
    ...createReader(db),
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
