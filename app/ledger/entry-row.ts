import type { LedgerEntry } from './ledger.ts';

/** The columns of `entries` under the names of LedgerEntry. */
export const ENTRY_COLUMNS = `seq, job_id AS jobId, kind, worker AS workerPubkey, requester AS requesterPubkey, nonce, model,
  input_tokens AS inputTokens, output_tokens AS outputTokens, amount_micro AS amountMicro, started_at_ms AS startedAtMs,
  completed_at_ms AS completedAtMs, posted_at_ms AS postedAtMs, dispute, receipt_json AS receiptJson, order_json AS orderJson`;

type Nullable = 'dispute' | 'receiptJson' | 'orderJson';

export type EntryRow = Omit<LedgerEntry, Nullable> & {
  readonly seq: number;
} & { readonly [Name in Nullable]: Exclude<LedgerEntry[Name], undefined> | null };

export function entryOf({ seq: _, dispute, receiptJson, orderJson, ...rest }: EntryRow): LedgerEntry {
  return {
    ...rest,
    dispute: dispute ?? undefined,
    receiptJson: receiptJson ?? undefined,
    orderJson: orderJson ?? undefined,
  };
}
