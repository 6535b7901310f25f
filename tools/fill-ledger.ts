import { canonicalJson } from '../app/protocol/canonical-json.ts';
import { openStore } from '../app/store/open-store.ts';
import { OWN, testJob, testSigner } from '../app/ledger/testing/test-jobs.ts';

const PEERS = 200;
const MODELS = 8;
const DAYS = 365;
const FIRST_DAY_MS = Date.UTC(2026, 0, 1);
/** Of each entry, as testJob makes them: 10 + 20 tokens. */
const AMOUNT = 50;

/**
 * A ledger of any size in seconds, for benchmarks: SQL makes the rows, from one real job for each peer. Everything is as large
 * and as scattered as in real books, and the sums are right; the signatures are those of the jobs the rows are copies of.
 */
export function fillLedger(file: string, entries: number): void {
  const db = openStore(file);
  db.exec('PRAGMA cache_size = -400000; PRAGMA synchronous = OFF; BEGIN');
  db.exec(
    'CREATE TEMP TABLE samples (peer_number INTEGER PRIMARY KEY, peer TEXT, job_id TEXT, nonce TEXT, receipt TEXT, ordered TEXT)',
  );
  const add = db.prepare('INSERT INTO samples VALUES (?, ?, ?, ?, ?, ?)');
  for (let peer = 0; peer < PEERS; peer += 1) {
    const asker = testSigner(2 + (peer % 250));
    const { order, receipt } = testJob({ worker: OWN, requester: asker, number: peer });
    const texts = [
      { receipt: receipt.receipt, signature: receipt.signature },
      { order: order.order, signature: order.signature },
    ];
    const [receiptText = '', orderText = ''] = texts.map(canonicalJson);
    add.run(peer, asker.pubkey, order.jobId, order.order.nonce, receiptText, orderText);
  }
  db.exec(`
    INSERT INTO entries (kind, job_id, worker, requester, nonce, peer, model, input_tokens, output_tokens, amount_micro,
      gift_micro, started_at_ms, completed_at_ms, posted_at_ms, day, gift_day, dispute, receipt_json, order_json)
    WITH RECURSIVE numbers (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n + 1 < ${entries}),
      jobs AS MATERIALIZED (SELECT n, lower(hex(randomblob(32))) AS job, lower(hex(randomblob(16))) AS nonce,
        ${FIRST_DAY_MS} + n * ${DAYS * 86_400_000} / ${entries} AS at FROM numbers)
    SELECT 'served', job, '${OWN.pubkey}', peer, jobs.nonce, peer, 'model-' || (n % ${MODELS}), 10, 20, ${AMOUNT}, 0, at - 1000, at, at,
      date(at / 1000, 'unixepoch'), date(at / 1000, 'unixepoch'), NULL,
      replace(replace(receipt, samples.job_id, job), samples.nonce, jobs.nonce), replace(ordered, samples.nonce, jobs.nonce)
    FROM jobs JOIN samples ON peer_number = n * 7919 % ${PEERS};
    INSERT INTO postings SELECT seq, 'earned', 0 - amount_micro FROM entries;
    INSERT INTO postings SELECT seq, 'tab:' || peer, amount_micro FROM entries;
    INSERT INTO balances SELECT account, sum(amount_micro) FROM postings GROUP BY account;
    INSERT INTO tabs SELECT peer, sum(amount_micro), 0, sum(input_tokens + output_tokens), 0, max(completed_at_ms)
      FROM entries GROUP BY peer;
    INSERT INTO days SELECT day, peer, model, kind, count(*), sum(input_tokens), sum(output_tokens), sum(amount_micro)
      FROM entries GROUP BY day, peer, model, kind;
    DROP TABLE samples;
    COMMIT; PRAGMA synchronous = FULL; PRAGMA wal_checkpoint(TRUNCATE)`);
  db.close();
}
