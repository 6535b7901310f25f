import type { ReadableDatabase } from '../store/driver.ts';
import { POSTED_KINDS } from './accounts.ts';
import type { LedgerReader } from './ledger.ts';

const KINDS = POSTED_KINDS.map((kind) => `'${kind}'`).join(', ');

/** Entries with a wrong number of postings, or whose postings do not sum to zero or do not move the amount. */
const UNBALANCED = `
  SELECT job_id AS name FROM entries LEFT JOIN postings ON entry_seq = seq
  GROUP BY seq
  HAVING count(entry_seq) <> iif(kind IN (${KINDS}), 2, 0)
    OR ifnull(sum(postings.amount_micro), 0) <> 0
    OR ifnull(max(postings.amount_micro), 0) <> iif(kind IN (${KINDS}), entries.amount_micro, 0)`;

/** Each compares a table of sums with its source, both ways, and names the rows that differ. */
const WRONG_SUMS = [
  differences('account', {
    kept: 'SELECT account AS name, balance_micro FROM balances',
    counted: 'SELECT account AS name, sum(amount_micro) FROM postings GROUP BY account',
  }),
  differences('tab of', {
    kept: 'SELECT peer AS name, earned_micro, spent_micro, earned_tokens, spent_tokens FROM tabs',
    counted: `SELECT peer AS name, sum(iif(kind = 'served', amount_micro, 0)), sum(iif(kind = 'asked', amount_micro, 0)),
        sum(iif(kind = 'served', input_tokens + output_tokens, 0)), sum(iif(kind = 'asked', input_tokens + output_tokens, 0))
      FROM entries WHERE kind IN ('served', 'asked') GROUP BY peer`,
  }),
  differences('balance of', {
    kept: 'SELECT peer AS name, earned_micro - spent_micro FROM tabs',
    counted: "SELECT substr(account, 5) AS name, balance_micro FROM balances WHERE account LIKE 'tab:%'",
  }),
  differences('day', {
    kept: `SELECT day || ' ' || peer || ' ' || model || ' ' || kind AS name, jobs, input_tokens, output_tokens, amount_micro
      FROM days`,
    counted: `SELECT day || ' ' || peer || ' ' || model || ' ' || kind AS name, count(*),
        sum(iif(kind = 'disputed', 0, input_tokens)), sum(iif(kind = 'disputed', 0, output_tokens)), sum(amount_micro)
      FROM entries GROUP BY day, peer, model, kind`,
  }),
  differences('gifts of', {
    kept: 'SELECT day AS name, used_micro FROM gifts',
    counted: 'SELECT gift_day AS name, sum(gift_micro) FROM entries WHERE gift_micro > 0 GROUP BY gift_day',
  }),
];

/** Follows from the others; said all the same, because it is what the whole of the books rests on. */
const ALL_TOGETHER = `
  SELECT 'all balances together' AS name FROM (SELECT sum(balance_micro) AS micro FROM balances) WHERE micro <> 0
  UNION ALL
  SELECT 'all postings together' FROM (SELECT sum(amount_micro) AS micro FROM postings) WHERE micro <> 0`;

function differences(label: string, { kept, counted }: { kept: string; counted: string }): string {
  return `
    SELECT DISTINCT '${label} ' || name AS name FROM (
      SELECT * FROM (${kept} EXCEPT ${counted})
      UNION ALL SELECT * FROM (${counted} EXCEPT ${kept}))`;
}

/** One look at the books: the names of what is wrong, and what is wrong with it. */
export interface AuditStep {
  readonly what: string;
  find(): string[];
}

/** Everything that is kept as a sum, each against its source. Believes the entries and postings, nothing else. */
export function auditSteps(db: ReadableDatabase): AuditStep[] {
  const step = (what: string, sql: string): AuditStep => {
    const statement = db.prepare(sql);
    return { what, find: () => (statement.all() as { name: string }[]).map(({ name }) => name) };
  };
  return [
    step('its postings do not sum to zero, or do not move its amount', UNBALANCED),
    ...WRONG_SUMS.map((sql) => step('the kept sum is not what its entries add up to', sql)),
    step('they do not sum to zero', ALL_TOGETHER),
  ];
}

export function prepareAudit(db: ReadableDatabase): LedgerReader['audit'] {
  const entries = db.prepare('SELECT count(*) AS count FROM entries');
  const [unbalanced, ...sums] = auditSteps(db);
  return () => ({
    entries: (entries.get() as { count: number }).count,
    unbalanced: unbalanced?.find() ?? [],
    wrongBalances: sums.flatMap((step) => step.find()),
  });
}
