import type { MessagePort } from 'node:worker_threads';
import { verifyOrder } from '../protocol/order.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import type { ReadableDatabase } from '../store/driver.ts';
import { openStoreForReading } from '../store/open-store.ts';
import { auditSteps } from './audit.ts';
import { ENTRY_COLUMNS, entryOf, type EntryRow } from './entry-row.ts';
import type { BooksProblem, VerifyProgress, VerifyReport } from './ledger.ts';
import type { TaskReply } from './task.ts';
import type { ThreadStart } from './thread-start.ts';
import { problemsOfEntry } from './verify-entry.ts';

/** So many are named; the rest is counted. A ledger that somebody rewrote must not fill the memory. */
const MAX_NAMED = 1_000;
/** Entries read at once, in a statement of their own: a long look would keep the WAL from being folded into the file. */
const CHUNK = 200;
const TELL_EVERY_MS = 100;

/** What the thread of a verification does. Whoever wants it to end earlier ends the thread: it only reads. */
export function runVerify(port: MessagePort, start: Extract<ThreadStart, { work: 'verify' }>): void {
  const tell = (reply: TaskReply<VerifyReport, VerifyProgress>) => port.postMessage(reply);
  const db = openStoreForReading(start.file);
  let toldMs = 0;
  const report = verifyBooks(db, start.signatures ? start.ownPubkey : undefined, (progress) => {
    const nowMs = performance.now();
    if (nowMs - toldMs < TELL_EVERY_MS && progress.done < progress.total) return;
    toldMs = nowMs;
    tell({ progress });
  });
  db.close();
  tell({ result: report });
  port.close();
}

/**
 * Believes nothing that can be computed: pages and indexes of the file, the sum of every entry and of all, every kept sum
 * against its source, and every signature. Without the key of this machine it leaves the signatures out. Each check is one statement and so sees one state of the
 * books: it may run while they are written. Blocks for as long as it takes.
 */
export function verifyBooks(
  db: ReadableDatabase,
  ownPubkey: Pubkey | undefined,
  onProgress: (progress: VerifyProgress) => void = () => undefined,
): VerifyReport {
  const problems: BooksProblem[] = [];
  let problemCount = 0;
  const found = (problem: BooksProblem) => {
    problemCount += 1;
    if (problems.length < MAX_NAMED) problems.push(problem);
  };

  checkFile(db, found, onProgress);
  const audit = auditSteps(db);
  audit.forEach((step, index) => {
    onProgress({ step: 'sums', done: index, total: audit.length });
    for (const name of step.find()) found({ name, what: step.what });
  });
  onProgress({ step: 'sums', done: audit.length, total: audit.length });

  const { entries } = db.prepare('SELECT count(*) AS entries FROM entries').get() as { entries: number };
  const counted = ownPubkey ? checkDocuments(db, ownPubkey, entries, found, onProgress) : { receipts: 0, orders: 0 };
  return { ok: problemCount === 0, entries, ...counted, problems, problemCount };
}

type Found = (problem: BooksProblem) => void;
type OnProgress = (progress: VerifyProgress) => void;

function checkFile(db: ReadableDatabase, found: Found, onProgress: OnProgress): void {
  onProgress({ step: 'file', done: 0, total: 2 });
  for (const row of db.prepare('PRAGMA integrity_check').all() as { integrity_check: string }[])
    if (row.integrity_check !== 'ok') found({ name: 'the file', what: row.integrity_check });
  onProgress({ step: 'file', done: 1, total: 2 });
  for (const row of db.prepare('PRAGMA foreign_key_check').all() as { table: string; rowid: number | null }[])
    found({ name: `a row of ${row.table}`, what: 'belongs to an entry that is not there' });
  onProgress({ step: 'file', done: 2, total: 2 });
}

function checkDocuments(
  db: ReadableDatabase,
  ownPubkey: Pubkey,
  total: number,
  found: Found,
  onProgress: OnProgress,
): { receipts: number; orders: number } {
  const chunk = db.prepare(`SELECT ${ENTRY_COLUMNS} FROM entries WHERE seq > ? ORDER BY seq LIMIT ${CHUNK}`);
  const counted = { receipts: 0, orders: 0 };
  let done = 0;
  let lastSeq = 0;
  for (let rows = read(0); rows.length > 0; rows = read(lastSeq)) {
    for (const row of rows) {
      const entry = entryOf(row);
      for (const what of problemsOfEntry(entry, ownPubkey)) found({ name: entry.jobId, what });
      counted.receipts += entry.receiptJson === undefined ? 0 : 1;
      counted.orders += entry.orderJson === undefined ? 0 : 1;
      done += 1;
      lastSeq = row.seq;
    }
    // Entries that came meanwhile are looked at too.
    onProgress({ step: 'signatures', done, total: Math.max(total, done) });
  }
  const evidence = db.prepare(
    'SELECT job_id AS name, receipt_json AS json FROM superseded WHERE receipt_json IS NOT NULL',
  );
  for (const { name, json } of evidence.all() as { name: string; json: string }[])
    if (!verifyReceipt(JSON.parse(json))) found({ name, what: 'the receipt kept as evidence has lost its signature' });
  const open = db.prepare('SELECT job_id AS name, order_json AS json FROM open_orders');
  for (const { name, json } of open.all() as { name: string; json: string }[])
    if (verifyOrder(JSON.parse(json))?.jobId !== name) found({ name, what: 'the open order has lost its signature' });
  return counted;

  function read(afterSeq: number): EntryRow[] {
    return chunk.all(afterSeq) as EntryRow[];
  }
}
