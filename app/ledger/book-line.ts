import { z } from 'zod';
import type { Dispute } from '../protocol/audit.ts';
import { verifyOrder } from '../protocol/order.ts';
import { epochMsSchema, pubkeySchema, verifyReceipt } from '../protocol/receipt.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { kindOfImported, type ImportedJob } from './imported-entry.ts';
import type { LedgerEntry } from './ledger.ts';

/**
 * Books as text: one JSON document a line, `{receipt, signature}` as Lobstah v1 wrote its ledger. Ours add `order` (the signed
 * order) and `lobstah`: what no signature says and what the books would otherwise not be the same without.
 */
export function lineOf(entry: LedgerEntry): string {
  const signed = entry.receiptJson === undefined ? {} : (JSON.parse(entry.receiptJson) as object);
  const order = entry.orderJson === undefined ? {} : { order: JSON.parse(entry.orderJson) as unknown };
  const { kind, postedAtMs: postedAt, dispute, jobId, workerPubkey, model, startedAtMs: startedAt } = entry;
  const lobstah = kind === 'disputed' ? { dispute, jobId, workerPubkey, model, startedAt } : {};
  return `${JSON.stringify({ ...signed, ...order, lobstah: { kind, postedAt, ...lobstah } })}\n`;
}

/** Why a line is not entered. A test holds docs/cli.md to this list. */
export const REFUSALS = {
  no_json: 'it is not valid JSON',
  no_receipt: 'it is no signed receipt',
  bad_signature: 'its receipt is malformed, or its signature is not that of its worker',
  foreign: 'this machine is neither its worker nor its requester',
  bad_order: 'its order is not genuine, or belongs to another receipt',
  too_long: 'it is longer than any receipt',
} as const satisfies Record<string, string>;
export type Refusal = keyof typeof REFUSALS;

/** Complete by construction: a dispute without a row here does not compile. */
const disputes: Record<Dispute, Dispute> = {
  missing: 'missing',
  unreadable: 'unreadable',
  other_worker: 'other_worker',
  other_requester: 'other_requester',
  other_job: 'other_job',
  other_nonce: 'other_nonce',
  other_model: 'other_model',
  stale: 'stale',
  over_cap: 'over_cap',
  inflated_output: 'inflated_output',
  inflated_input: 'inflated_input',
};

const disputedSchema = z.object({
  kind: z.literal('disputed'),
  postedAt: epochMsSchema,
  dispute: z.enum(disputes),
  jobId: z.string().min(1).max(128),
  workerPubkey: pubkeySchema,
  model: z.string().min(1).max(256),
  startedAt: epochMsSchema,
});
const lineSchema = z.object({
  receipt: z.unknown().optional(),
  signature: z.unknown().optional(),
  order: z.unknown().optional(),
  lobstah: z.union([disputedSchema, z.object({ kind: z.string().optional(), postedAt: epochMsSchema })]).optional(),
});

/** Verifies one line anew, as if it came from a stranger. Never throws. */
export function parseLine(text: string, ownPubkey: Pubkey): ImportedJob | { readonly refused: Refusal } {
  const line = lineSchema.safeParse(jsonOf(text));
  if (!line.success) return { refused: jsonOf(text) === undefined ? 'no_json' : 'no_receipt' };
  const { receipt: claim, signature, order: orderClaim, lobstah } = line.data;
  const order = verifyOrder(orderClaim);
  if (orderClaim !== undefined && !order) return { refused: 'bad_order' };
  const receipt = verifyReceipt({ receipt: claim, signature });
  if (claim !== undefined && !receipt) return { refused: 'bad_signature' };

  if (lobstah && 'dispute' in lobstah) {
    const { postedAt: postedAtMs, startedAt: startedAtMs, kind, dispute, jobId, workerPubkey, model } = lobstah;
    if (order && (order.jobId !== jobId || order.order.requesterPubkey !== ownPubkey)) return { refused: 'bad_order' };
    return { kind, dispute, jobId, workerPubkey, model, postedAtMs, startedAtMs, receipt, order };
  }
  if (!receipt) return { refused: 'no_receipt' };
  const kind = kindOfImported(receipt, ownPubkey);
  if (kind === 'foreign') return { refused: 'foreign' };
  if (
    order &&
    (order.jobId !== receipt.receipt.jobId ||
      order.order.nonce !== receipt.receipt.nonce ||
      order.order.workerPubkey !== receipt.receipt.workerPubkey ||
      order.order.requesterPubkey !== receipt.receipt.requesterPubkey)
  )
    return { refused: 'bad_order' };
  // Saying that it was given away can only take from what others owe us: this one word needs no proof.
  const given = kind === 'served' && !order && lobstah?.kind === 'given';
  return {
    kind: given ? 'given' : kind,
    receipt,
    order,
    postedAtMs: lobstah?.postedAt ?? receipt.receipt.completedAt,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
