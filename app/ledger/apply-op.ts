import type { WritableDatabase } from '../store/driver.ts';
import { postingsOf, type Posting } from './accounts.ts';
import { prepareJobOps } from './job-ops.ts';
import type { Appended, EntryKind, OrderTaken } from './ledger.ts';
import type { NewEntry } from './new-entry.ts';
import { prepareSums } from './sums.ts';
import type { WriteOp, WriteResult } from './write-op.ts';

const DAY_MS = 86_400_000;
/**
 * A taken order is remembered this long. The worker refuses orders older than 5 minutes, so forgetting matters only if our
 * clock is set back by a week; and an order whose job has an entry is refused for ever, because entries are never pruned.
 */
const TAKEN_KEPT_MS = 7 * DAY_MS;
/** An open order is kept this long after its last moment. */
const OPEN_KEPT_MS = DAY_MS;

/** What one request changes, inside a transaction that the caller began. Statements are prepared once. */
export function prepareOps(db: WritableDatabase): (op: WriteOp) => WriteResult {
  const forgetTaken = db.prepare('DELETE FROM taken_orders WHERE taken_at_ms < ?');
  const take = db.prepare(`
    INSERT INTO taken_orders (requester, nonce, taken_at_ms)
    SELECT @requester, @nonce, @nowMs
    WHERE NOT EXISTS (
      SELECT 1 FROM entries WHERE worker = @worker AND requester = @requester AND nonce = @nonce AND kind <> 'disputed')
    ON CONFLICT DO NOTHING`);
  const forgetOpen = db.prepare('DELETE FROM open_orders WHERE expires_at_ms < ?');
  const open = db.prepare(
    'INSERT INTO open_orders (job_id, order_json, expires_at_ms) VALUES (?, ?, ?) ON CONFLICT DO NOTHING',
  );
  const append = prepareAppend(db);
  const applyToJobs = prepareJobOps(db, append);

  return (op) => {
    switch (op.op) {
      case 'take': {
        forgetTaken.run(op.nowMs - TAKEN_KEPT_MS);
        const { worker, requester, nonce, nowMs } = op;
        return (
          take.run({ worker, requester, nonce, nowMs }).changes === 1 ? 'taken' : 'replayed'
        ) satisfies OrderTaken;
      }
      case 'open':
        forgetOpen.run(op.issuedAtMs - OPEN_KEPT_MS);
        open.run(op.jobId, op.orderJson, op.expiresAtMs);
        return 'opened';
      case 'append':
        return append(op.entry);
      default:
        return applyToJobs(op);
    }
  };
}

function prepareAppend(db: WritableDatabase): (entry: NewEntry) => Appended {
  const find = db.prepare('SELECT seq, kind FROM entries WHERE worker = ? AND requester = ? AND nonce = ?');
  const settle = db.prepare('DELETE FROM open_orders WHERE job_id = ?');
  const balance = db.prepare('SELECT balance_micro AS micro FROM balances WHERE account = ?');
  const insert = db.prepare(`
    INSERT INTO entries (kind, job_id, worker, requester, nonce, peer, model, input_tokens, output_tokens, amount_micro,
      gift_micro, started_at_ms, completed_at_ms, posted_at_ms, day, gift_day, dispute, receipt_json, order_json)
    VALUES (@kind, @jobId, @worker, @requester, @nonce, @peer, @model, @inputTokens, @outputTokens, @amountMicro,
      @giftMicro, @startedAtMs, @completedAtMs, @postedAtMs, @day, @giftDay, @dispute, @receiptJson, @orderJson)`);
  const post = db.prepare('INSERT INTO postings (entry_seq, account, amount_micro) VALUES (?, ?, ?)');
  const sums = prepareSums(db);
  const supersede = prepareSupersede(db);

  /** The part of the amount that goes beyond what we owe the asker already. */
  function giftOf(entry: NewEntry, postings: readonly Posting[]): number {
    if (entry.kind === 'given') return entry.amountMicro;
    const [tab] = postings;
    if (entry.kind !== 'served' || !tab || entry.noGift) return 0;
    const before = (balance.get(tab.account) as { micro: number } | undefined)?.micro ?? 0;
    return Math.max(0, before + entry.amountMicro) - Math.max(0, before);
  }

  return (entry) => {
    if (entry.kind !== 'disputed') settle.run(entry.jobId);
    const there = find.get(entry.worker, entry.requester, entry.nonce) as { seq: number; kind: EntryKind } | undefined;
    if (there && (there.kind !== 'disputed' || entry.kind === 'disputed')) return 'known';
    if (there) supersede(there.seq, entry.postedAtMs);

    const postings = postingsOf(entry);
    if (postings.reduce((sum, { amountMicro }) => sum + amountMicro, 0) !== 0)
      throw new RangeError(`the postings of ${entry.jobId} do not sum to zero`);
    const giftMicro = giftOf(entry, postings);
    const { noGift: _, ...row } = entry;
    const seq = Number(insert.run({ ...row, giftMicro }).lastInsertRowid);
    for (const { account, amountMicro } of postings) {
      post.run(seq, account, amountMicro);
      sums.balance(account, amountMicro);
    }
    sums.tab(entry);
    sums.day(entry);
    sums.gift(entry.giftDay, giftMicro);
    return 'posted';
  };
}

/**
 * A good receipt that comes after a bad one, or after none, settles the job: the disputed entry, which never had postings,
 * goes to the evidence and makes room.
 */
function prepareSupersede(db: WritableDatabase): (seq: number, nowMs: number) => void {
  const keep = db.prepare(`
    INSERT INTO superseded (worker, requester, nonce, job_id, dispute, receipt_json, posted_at_ms, superseded_at_ms)
    SELECT worker, requester, nonce, job_id, dispute, receipt_json, posted_at_ms, @nowMs FROM entries WHERE seq = @seq`);
  const leaveDayAlone = db.prepare(`
    DELETE FROM days WHERE jobs = 1
      AND (day, peer, model, kind) = (SELECT day, peer, model, kind FROM entries WHERE seq = ?)`);
  // Its tokens and amount are not in there, see sums.ts.
  const leaveDay = db.prepare(`
    UPDATE days SET jobs = jobs - 1
    WHERE (day, peer, model, kind) = (SELECT day, peer, model, kind FROM entries WHERE seq = ?)`);
  const remove = db.prepare('DELETE FROM entries WHERE seq = ?');
  return (seq, nowMs) => {
    keep.run({ seq, nowMs });
    if (leaveDayAlone.run(seq).changes === 0) leaveDay.run(seq);
    remove.run(seq);
  };
}
