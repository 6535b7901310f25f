import { verifyOrder, type VerifiedOrder } from '../protocol/order.ts';
import type { ReadableDatabase } from '../store/driver.ts';
import { tabAccount } from './accounts.ts';
import { prepareAudit } from './audit.ts';
import { ENTRY_COLUMNS, entryOf, type EntryRow } from './entry-row.ts';
import type { DayRow, LedgerReader, Tab } from './ledger.ts';
import { preparePage } from './page.ts';

/** Looks on the main thread: prepared statements on a connection of its own, each answer as of the last commit. */
export function createReader(db: ReadableDatabase): LedgerReader {
  // The columns bear the names and types of the interfaces, and STRICT tables hold them to it: rows are taken by their word.
  const balance = db.prepare('SELECT balance_micro AS micro FROM balances WHERE account = ?');
  const tabs = db.prepare(`
    SELECT peer AS pubkey, earned_micro - spent_micro AS balanceMicro, earned_micro AS earnedMicro,
      spent_micro AS spentMicro, earned_tokens AS earnedTokens, spent_tokens AS spentTokens, last_at_ms AS lastAtMs
    FROM tabs ORDER BY last_at_ms DESC, peer`);
  const counts = prepareCounts(db);
  const gift = db.prepare('SELECT used_micro AS micro FROM gifts WHERE day = ?');
  const served = db.prepare(
    "SELECT sum(amount_micro) AS micro FROM days WHERE day = ? AND peer = ? AND kind = 'served'",
  );
  const days = db.prepare(`
    SELECT day, peer, model, kind, jobs, input_tokens AS inputTokens, output_tokens AS outputTokens,
      amount_micro AS amountMicro
    FROM days WHERE day >= ? ORDER BY day, peer, model, kind`);
  // A job id of an order is a hash and nobody's to choose; one of a v1 peer is, so an order counts first, then what stood first.
  const entry = db.prepare(`
    SELECT ${ENTRY_COLUMNS} FROM entries WHERE job_id = ? ORDER BY order_json IS NULL, kind = 'disputed', seq LIMIT 1`);
  const newest = db.prepare(`
    SELECT ${ENTRY_COLUMNS} FROM entries WHERE completed_at_ms < ? ORDER BY completed_at_ms DESC, seq DESC LIMIT ?`);
  const after = db.prepare(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ?`);
  const imbalance = db.prepare(`
    SELECT ifnull(sum(postings.amount_micro), 0) AS micro FROM postings JOIN entries ON entry_seq = seq WHERE job_id = ?`);
  const openOrders = db.prepare('SELECT order_json AS json FROM open_orders ORDER BY expires_at_ms, job_id');

  const balanceOf = (account: string) => microOf(balance.get(account));
  return {
    tabMicro: (pubkey) => balanceOf(tabAccount(pubkey)),
    tabs: () => tabs.all() as Tab[],
    totals() {
      const { ownTokens, jobs } = counts();
      return {
        // 0 - x and not -x: a new ledger has earned 0, not minus 0.
        earnedMicro: 0 - balanceOf('earned'),
        spentMicro: balanceOf('spent'),
        ownTokens,
        givenMicro: balanceOf('given'),
        jobs,
      };
    },
    servedMicro: (pubkey, day) => microOf(served.get(day, pubkey)),
    giftUsedMicro: (day) => microOf(gift.get(day)),
    entry(jobId) {
      const [row] = entry.all(jobId) as EntryRow[];
      return row && entryOf(row);
    },
    entries: ({ limit, beforeMs = Number.MAX_SAFE_INTEGER }) =>
      (newest.all(beforeMs, limit) as EntryRow[]).map(entryOf),
    page: preparePage(db),
    slice(afterSeq, limit) {
      const rows = after.all(afterSeq, limit) as EntryRow[];
      return { entries: rows.map(entryOf), lastSeq: rows.at(-1)?.seq ?? afterSeq };
    },
    days: (sinceDay) => days.all(sinceDay) as DayRow[],
    openOrders: () => (openOrders.all() as { json: string }[]).map(({ json }) => proven(json)),
    isBalanced: (jobId) => microOf(imbalance.get(jobId)) === 0,
    audit: prepareAudit(db),
  };
}

interface Counts {
  readonly jobs: number;
  readonly ownTokens: number;
  readonly lastSeq: number | null;
}

/**
 * Jobs and own tokens since ever: the sums once, and from then on what came since, because a good entry is never changed or
 * removed. (A disputed one is, when a good receipt comes later: it is not counted, and its number is not remembered.)
 */
function prepareCounts(db: ReadableDatabase): () => Counts {
  const all = db.prepare(`
    SELECT ifnull(sum(iif(kind = 'own', input_tokens + output_tokens, 0)), 0) AS ownTokens,
      ifnull(sum(iif(kind = 'disputed', 0, jobs)), 0) AS jobs,
      (SELECT seq FROM entries WHERE kind <> 'disputed' ORDER BY seq DESC LIMIT 1) AS lastSeq
    FROM days`);
  const since = db.prepare(`
    SELECT count(*) AS jobs, ifnull(sum(iif(kind = 'own', input_tokens + output_tokens, 0)), 0) AS ownTokens,
      max(seq) AS lastSeq
    FROM entries WHERE seq > ? AND kind <> 'disputed'`);
  let counted: Counts | undefined;
  return () => {
    if (counted) {
      const more = since.get(counted.lastSeq ?? 0) as Counts;
      counted = {
        jobs: counted.jobs + more.jobs,
        ownTokens: counted.ownTokens + more.ownTokens,
        lastSeq: more.lastSeq ?? counted.lastSeq,
      };
    } else counted = all.get() as Counts;
    return counted;
  };
}

function microOf(row: unknown): number {
  return (row as { micro: number | null } | undefined)?.micro ?? 0;
}

/** Proof is a type, and a file proves nothing: the signature is checked again. */
function proven(json: string): VerifiedOrder {
  const order = verifyOrder(JSON.parse(json));
  if (!order) throw new Error('an open order in the ledger does not bear its signature');
  return order;
}
