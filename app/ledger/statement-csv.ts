import type { Pubkey } from '../protocol/pubkey.ts';
import type { EntryKind, LedgerEntry } from './ledger.ts';

const SIGNS: Record<EntryKind, number> = { served: 1, asked: -1, own: 0, given: 0, disputed: 0 };

/** Lines end with CR LF (RFC 4180), this one included. */
export const CSV_HEAD = 'completed_at,kind,with,key,model,input_tokens,output_tokens,credits,job_id,dispute\r\n';

/** One entry as a line of a statement, for spreadsheets. Credits are signed: earned is positive, spent negative. */
export function csvLine(
  entry: LedgerEntry,
  { ownPubkey, labelOf }: { ownPubkey: Pubkey; labelOf: (pubkey: string) => string },
): string {
  const other = entry.workerPubkey === ownPubkey ? entry.requesterPubkey : entry.workerPubkey;
  const cells = [
    new Date(entry.completedAtMs).toISOString(),
    entry.kind,
    labelOf(other),
    other,
    entry.model,
    entry.inputTokens,
    entry.outputTokens,
    (SIGNS[entry.kind] * entry.amountMicro) / 1_000_000,
    entry.jobId,
    entry.dispute ?? '',
  ];
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A leading sign of a formula is defused, because labels and models are chosen by others. */
function csvCell(value: string | number): string {
  const text = typeof value === 'number' ? String(value) : value.replace(/^([=+\-@\t\r])/, "'$1");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
