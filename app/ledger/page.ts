import type { ReadableDatabase, SqlValue } from '../store/driver.ts';
import { ENTRY_COLUMNS, entryOf, type EntryRow } from './entry-row.ts';
import type { LedgerReader } from './ledger.ts';

const MATCHES = `(@kind IS NULL OR kind = @kind) AND (@search IS NULL
  OR instr(lower(job_id), @search) OR instr(peer, @search)
  OR model IN (SELECT value FROM json_each(@models)) OR peer IN (SELECT value FROM json_each(@peers)))`;

/** Newest first; a page begins after the entry that the one before ended with, so new entries shift nothing. */
export function preparePage(db: ReadableDatabase): LedgerReader['page'] {
  const rows = db.prepare(`
    SELECT ${ENTRY_COLUMNS} FROM entries
    WHERE (completed_at_ms, seq) < (@atMs, @seq) AND ${MATCHES}
    ORDER BY completed_at_ms DESC, seq DESC LIMIT @limit`);
  const total = db.prepare(`SELECT count(*) AS count FROM entries WHERE ${MATCHES}`);
  // Without a search the sums of the days say it: counting a million entries would take a second.
  const totalOfKind = db.prepare('SELECT ifnull(sum(jobs), 0) AS count FROM days WHERE @kind IS NULL OR kind = @kind');
  const models = db.prepare('SELECT DISTINCT model FROM days');

  /** SQLite's lower() knows ASCII only, which is enough for keys and job ids; names of models are few and compared here. */
  function modelsLike(search: string): string[] {
    return (models.all() as { model: string }[])
      .map(({ model }) => model)
      .filter((model) => model.toLowerCase().includes(search));
  }

  return ({ limit, cursor, kind, search, peers }) => {
    const wanted = search?.toLowerCase();
    const filter: Record<string, SqlValue> = {
      kind: kind ?? null,
      search: wanted ?? null,
      models: JSON.stringify(wanted === undefined ? [] : modelsLike(wanted)),
      peers: JSON.stringify(peers),
    };
    // One more than asked says whether there is a next page.
    const found = rows.all({ ...filter, ...parseCursor(cursor), limit: limit + 1 }) as EntryRow[];
    const shown = found.slice(0, limit);
    const last = shown.at(-1);
    return {
      entries: shown.map(entryOf),
      next: found.length > limit && last ? `${last.completedAtMs}.${last.seq}` : undefined,
      total: countOf(wanted === undefined ? totalOfKind.get({ kind: kind ?? null }) : total.get(filter)),
    };
  };
}

function countOf(row: unknown): number {
  return (row as { count: number }).count;
}

const START = { atMs: Number.MAX_SAFE_INTEGER, seq: 0 };

function parseCursor(cursor: string | undefined): { atMs: number; seq: number } {
  const parts = /^(\d{1,15})\.(\d{1,15})$/.exec(cursor ?? '');
  return parts ? { atMs: Number(parts[1]), seq: Number(parts[2]) } : START;
}
