import type { Dispute } from '../protocol/audit.ts';
import type { VerifiedOrder } from '../protocol/order.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import type { EntryKind } from './ledger.ts';
import { disputedEntry, fromReceipt, type EntryContext, type NewEntry } from './new-entry.ts';

/** A job of former books whose documents have been verified. */
export type ImportedJob =
  | {
      readonly kind: Exclude<EntryKind, 'disputed'>;
      readonly receipt: VerifiedReceipt;
      readonly order: VerifiedOrder | undefined;
      /** when it was entered into the former books */
      readonly postedAtMs: number;
    }
  | {
      readonly kind: 'disputed';
      readonly dispute: Dispute;
      readonly receipt: VerifiedReceipt | undefined;
      readonly order: VerifiedOrder | undefined;
      readonly jobId: string;
      readonly workerPubkey: Pubkey;
      readonly model: string;
      readonly startedAtMs: number;
      readonly postedAtMs: number;
    };

/** A receipt that this machine has no part in stays outside of its books. */
export type Foreign = 'foreign';

/**
 * What a receipt of former books is here. v1 did not prove who asked: its ledger is believed because it is the owner's own,
 * and so a v1 receipt is earned from the key it names.
 */
export function kindOfImported(
  { receipt }: VerifiedReceipt,
  ownPubkey: Pubkey,
): Exclude<EntryKind, 'disputed'> | Foreign {
  const serving = receipt.workerPubkey === ownPubkey;
  const asking = receipt.requesterPubkey === ownPubkey;
  if (serving && asking) return 'own';
  if (asking) return 'asked';
  if (serving) return receipt.requesterPubkey === 'anonymous' ? 'given' : 'served';
  return 'foreign';
}

/** @throws RangeError when the receipt is not for its order: the caller mixed up two jobs */
export function importedEntry(job: ImportedJob, context: EntryContext): NewEntry {
  if (job.kind === 'disputed') return disputedEntry({ ...job, nowMs: job.postedAtMs }, context);
  const { receipt, order, kind, postedAtMs } = job;
  const { workerPubkey, requesterPubkey } = receipt.receipt;
  const peer = kind === 'given' ? 'anonymous' : kind === 'asked' ? workerPubkey : requesterPubkey;
  return fromReceipt(receipt, { order, price: V1_PRICE, nowMs: postedAtMs }, context, { kind, peer });
}
