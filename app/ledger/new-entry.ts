import type { AuditedReceipt, Dispute } from '../protocol/audit.ts';
import type { VerifiedOrder } from '../protocol/order.ts';
import { costMicro, type Price } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import type { EntryKind, LedgerWriter } from './ledger.ts';

/** A row before it is written: plain values, because it crosses to the writer's thread. (worker, requester, nonce) is its identity. */
export interface NewEntry {
  readonly kind: EntryKind;
  readonly jobId: string;
  readonly worker: Pubkey;
  readonly requester: Pubkey | 'anonymous';
  readonly nonce: string;
  /** The proven other side. What an unsigned request claims proves nothing, so it is 'anonymous' here whatever the receipt says. */
  readonly peer: Pubkey | 'anonymous';
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountMicro: number;
  readonly startedAtMs: number;
  readonly completedAtMs: number;
  readonly postedAtMs: number;
  /** local day of completion: where the job shows up in statistics */
  readonly day: string;
  /** local day of posting, by our own clock: whose gift budget it uses */
  readonly giftDay: string;
  readonly dispute: Dispute | null;
  readonly receiptJson: string | null;
  readonly orderJson: string | null;
  /** the other side has a limit of its own: nothing of it counts against the gift budget */
  readonly noGift?: boolean;
}

export interface EntryContext {
  readonly ownPubkey: Pubkey;
  readonly localDay: (ms: number) => string;
}

interface Terms {
  readonly order: VerifiedOrder | undefined;
  readonly price: Price;
  readonly nowMs: number;
  readonly noGift?: boolean;
}

/** @throws RangeError when the receipt is not ours or not for this order: the caller mixed up two jobs */
export function servedEntry(receipt: VerifiedReceipt, terms: Terms, context: EntryContext): NewEntry {
  const { workerPubkey, requesterPubkey } = receipt.receipt;
  if (workerPubkey !== context.ownPubkey) throw new RangeError('a served receipt must be signed by this machine');
  const { order } = terms;
  if (!order) return fromReceipt(receipt, terms, context, { kind: 'given', peer: 'anonymous' });
  if (order.order.requesterPubkey !== requesterPubkey)
    throw new RangeError('the receipt is for another requester than its order');
  const kind = order.order.requesterPubkey === context.ownPubkey ? 'own' : 'served';
  const entry = fromReceipt(receipt, terms, context, { kind, peer: order.order.requesterPubkey });
  return terms.noGift ? { ...entry, noGift: true } : entry;
}

/** @throws RangeError when the receipt is not for us or not for this order */
export function askedEntry(receipt: AuditedReceipt, terms: Terms, context: EntryContext): NewEntry {
  const { workerPubkey, requesterPubkey } = receipt.receipt;
  if (requesterPubkey !== context.ownPubkey)
    throw new RangeError('an asked receipt must name this machine as requester');
  const kind = workerPubkey === context.ownPubkey ? 'own' : 'asked';
  return fromReceipt(receipt, terms, context, { kind, peer: workerPubkey });
}

/**
 * Named after the job as we asked for it, never after what the wrong receipt claims: otherwise a peer could occupy the
 * identity of somebody else's receipt. Ends now by our clock, for the same reason.
 */
export function disputedEntry(
  disputed: Parameters<LedgerWriter['appendDisputed']>[0],
  context: EntryContext,
): NewEntry {
  const { receipt, order, jobId, workerPubkey, nowMs } = disputed;
  if (order && order.jobId !== jobId) throw new RangeError('the job id is not that of the order');
  return {
    kind: 'disputed',
    jobId,
    worker: workerPubkey,
    requester: context.ownPubkey,
    nonce: order?.order.nonce ?? jobId,
    peer: workerPubkey,
    model: disputed.model,
    inputTokens: receipt?.receipt.inputTokens ?? 0,
    outputTokens: receipt?.receipt.outputTokens ?? 0,
    amountMicro: 0,
    startedAtMs: disputed.startedAtMs,
    completedAtMs: nowMs,
    postedAtMs: nowMs,
    day: context.localDay(nowMs),
    giftDay: context.localDay(nowMs),
    dispute: disputed.dispute,
    receiptJson: receipt ? receiptJson(receipt) : null,
    orderJson: order ? orderJson(order) : null,
  };
}

export function fromReceipt(
  signed: VerifiedReceipt,
  { order, price, nowMs }: Terms,
  context: EntryContext,
  whose: { kind: EntryKind; peer: Pubkey | 'anonymous' },
): NewEntry {
  const { receipt } = signed;
  if (
    order &&
    (order.jobId !== receipt.jobId ||
      order.order.nonce !== receipt.nonce ||
      order.order.workerPubkey !== receipt.workerPubkey)
  )
    throw new RangeError('the receipt is not for this order');
  return {
    ...whose,
    jobId: receipt.jobId,
    worker: receipt.workerPubkey,
    requester: receipt.requesterPubkey,
    nonce: receipt.nonce,
    model: receipt.model,
    inputTokens: receipt.inputTokens,
    outputTokens: receipt.outputTokens,
    amountMicro: whose.kind === 'own' ? 0 : costMicro(order?.order.price ?? price, receipt),
    startedAtMs: receipt.startedAt,
    completedAtMs: receipt.completedAt,
    postedAtMs: nowMs,
    day: context.localDay(receipt.completedAt),
    giftDay: context.localDay(nowMs),
    dispute: null,
    receiptJson: receiptJson(signed),
    orderJson: order ? orderJson(order) : null,
  };
}

/** The canonical JSON of the signed documents, put together from what was signed: their members are in order already. */
export function receiptJson({ canonical, signature }: VerifiedReceipt): string {
  return `{"receipt":${canonical},"signature":"${signature}"}`;
}

export function orderJson({ canonical, signature }: VerifiedOrder): string {
  return `{"order":${canonical},"signature":"${signature}"}`;
}
