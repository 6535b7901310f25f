import { RECEIPT_FRESH_MS, verifyReceipt, type Receipt, type VerifiedReceipt } from './receipt.ts';
import { ORDER_MAX_LIFE_MS, type VerifiedOrder } from './order.ts';
import { type Pubkey } from './pubkey.ts';

/** What the requester itself saw of a job: the upper bounds that a claim of tokens has to stay under. */
export interface Delivered {
  /** UTF-8 bytes of the request as it was sent */
  readonly requestBytes: number;
  /** how many messages the request had */
  readonly messages: number;
  /** UTF-8 bytes of content, reasoning and tool arguments that arrived */
  readonly answerBytes: number;
  readonly toolCalls: number;
  /** only of an answer that was cut: bytes that may have been on their way, see `inFlightBytes` */
  readonly inFlightBytes?: number;
}

/** Only `auditReceipt` makes one: genuine, for what was asked, and not for more than arrived. */
export type AuditedReceipt = VerifiedReceipt & { readonly __audited: true };

export type Dispute =
  | 'missing'
  | 'unreadable'
  | 'other_worker'
  | 'other_requester'
  | 'other_job'
  | 'other_nonce'
  | 'other_model'
  | 'stale'
  | 'over_cap'
  | 'inflated_output'
  | 'inflated_input';

export type Audit =
  | { readonly ok: true; readonly receipt: AuditedReceipt }
  | { readonly ok: false; readonly dispute: Dispute; readonly receipt: VerifiedReceipt | undefined };

/**
 * A token is at least one byte of text in every tokenizer in use, so bytes bound tokens from above. What a template adds and
 * a client never sees (role markers, tool call syntax) is bounded by these.
 */
const HIDDEN_OUTPUT_TOKENS = 32;
const HIDDEN_TOKENS_PER_TOOL_CALL = 64;
const HIDDEN_INPUT_TOKENS = 256;
const HIDDEN_TOKENS_PER_MESSAGE = 16;

/** A worker notices within 200 ms that the other side is gone; the rest is the way there and what two TCP buffers may hold. */
const NOTICED_WITHIN_MS = 1_000;
/** A burst at the very beginning, when there is no speed yet to go by. */
const BURST_BYTES = 256;

/**
 * How much more than arrived the receipt of a cut answer may be for: what was delivered into the line before the worker noticed.
 * That is at most one second of this answer at its own average speed, so never more than what arrived once again, and a burst.
 * Real tokens have about four bytes and are bounded by one, so an honest worker stays far below.
 */
export function inFlightBytes(answerBytes: number, elapsedMs: number): number {
  return BURST_BYTES + Math.ceil((answerBytes * NOTICED_WITHIN_MS) / Math.max(elapsedMs, NOTICED_WITHIN_MS));
}

/**
 * Judges the receipt a peer sent. With an order it must carry the order's job id and nonce, until the order's deadline;
 * without one (v1 peers) it must be fresh by the clock.
 */
export function auditReceipt(
  input: unknown,
  asked: {
    workerPubkey: Pubkey;
    requesterPubkey: Pubkey;
    model: string;
    order: VerifiedOrder | undefined;
    maxOutputTokens: number;
    delivered: Delivered;
    nowMs: number;
  },
): Audit {
  if (input === undefined) return { ok: false, dispute: 'missing', receipt: undefined };
  const receipt = verifyReceipt(input);
  if (!receipt) return { ok: false, dispute: 'unreadable', receipt: undefined };
  const dispute = findDispute(receipt.receipt, asked);
  if (dispute) return { ok: false, dispute, receipt };
  return { ok: true, receipt: receipt as AuditedReceipt };
}

function findDispute(claim: Receipt, asked: Parameters<typeof auditReceipt>[1]): Dispute | undefined {
  if (claim.workerPubkey !== asked.workerPubkey) return 'other_worker';
  if (claim.requesterPubkey !== asked.requesterPubkey) return 'other_requester';
  if (claim.model !== asked.model) return 'other_model';
  if (asked.order) {
    const { order, jobId } = asked.order;
    if (claim.jobId !== jobId) return 'other_job';
    if (claim.nonce !== order.nonce) return 'other_nonce';
    const lastMs = Math.min(order.deadline, order.issuedAt + ORDER_MAX_LIFE_MS);
    if (claim.completedAt < order.issuedAt - RECEIPT_FRESH_MS || claim.completedAt > lastMs + RECEIPT_FRESH_MS)
      return 'stale';
  } else if (Math.abs(asked.nowMs - claim.completedAt) > RECEIPT_FRESH_MS) return 'stale';
  if (claim.outputTokens > asked.maxOutputTokens) return 'over_cap';
  const { delivered } = asked;
  if (
    claim.outputTokens >
    delivered.answerBytes +
      (delivered.inFlightBytes ?? 0) +
      HIDDEN_OUTPUT_TOKENS +
      delivered.toolCalls * HIDDEN_TOKENS_PER_TOOL_CALL
  )
    return 'inflated_output';
  if (claim.inputTokens > delivered.requestBytes + HIDDEN_INPUT_TOKENS + delivered.messages * HIDDEN_TOKENS_PER_MESSAGE)
    return 'inflated_input';
  return undefined;
}
