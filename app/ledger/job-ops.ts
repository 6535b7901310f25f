import type { ReadableDatabase, WritableDatabase } from '../store/driver.ts';
import type { Appended } from './ledger.ts';
import type { NewEntry } from './new-entry.ts';
import type { JobEnd, JobSide, JobStatus, PlacedJob, StoredJob, StoredJobs } from './stored-jobs.ts';

interface Named {
  readonly side: JobSide;
  readonly id: string;
}

/** What the main thread asks of the writer's thread about stored jobs. */
export type JobOp =
  | { readonly op: 'job-place'; readonly job: PlacedJob }
  | ({ readonly op: 'job-begin'; readonly nowMs: number } & Named)
  | ({ readonly op: 'job-requeue'; readonly undone: boolean } & Named)
  | { readonly op: 'job-end'; readonly end: JobEnd; readonly entry: NewEntry | undefined }
  | { readonly op: 'job-expire'; readonly side: JobSide; readonly nowMs: number };

export interface JobResults {
  'job-place': 'placed';
  'job-begin': boolean;
  'job-requeue': 'requeued';
  'job-end': boolean;
  'job-expire': string[];
}

const UNFINISHED = "status IN ('queued', 'running')";

/** Inside a transaction that the caller began. `append` enters the receipt in the same one. */
export function prepareJobOps(
  db: WritableDatabase,
  append: (entry: NewEntry) => Appended,
): (op: JobOp) => JobResults[JobOp['op']] {
  const place = db.prepare(`
    INSERT INTO stored_jobs (side, id, status, requester, model, input_tokens, max_output_tokens, starts, placed_at_ms,
      expires_at_ms, order_json, prompt)
    VALUES (@side, @id, 'queued', @requester, @model, @inputTokens, @maxOutputTokens, 0, @placedAtMs, @expiresAtMs,
      @orderJson, @prompt)`);
  const begin = db.prepare(`
    UPDATE stored_jobs SET status = 'running', starts = starts + 1, started_at_ms = @nowMs
    WHERE side = @side AND id = @id AND ${UNFINISHED}`);
  const requeue = db.prepare(`
    UPDATE stored_jobs SET status = 'queued', starts = starts - @undone, started_at_ms = NULL
    WHERE side = @side AND id = @id AND status = 'running'`);
  const end = db.prepare(`
    UPDATE stored_jobs SET status = @status, ended_at_ms = @endedAtMs, expires_at_ms = @expiresAtMs, worker = @worker,
      receipt_json = @receiptJson, error_code = @errorCode, error_message = @errorMessage, answer = @answer, prompt = NULL
    WHERE side = @side AND id = @id AND ${UNFINISHED}`);
  const forget = db.prepare(`DELETE FROM stored_jobs WHERE side = ? AND expires_at_ms <= ? AND NOT ${UNFINISHED}`);
  const late = db.prepare(`SELECT id FROM stored_jobs WHERE side = ? AND expires_at_ms <= ? AND ${UNFINISHED}`);

  return (op) => {
    switch (op.op) {
      case 'job-place': {
        const { prompt, orderJson, ...rest } = op.job;
        place.run({ ...rest, orderJson: orderJson ?? null, prompt: bytesOf(prompt) });
        return 'placed';
      }
      case 'job-begin':
        return begin.run({ side: op.side, id: op.id, nowMs: op.nowMs }).changes === 1;
      case 'job-requeue':
        requeue.run({ side: op.side, id: op.id, undone: op.undone ? 1 : 0 });
        return 'requeued';
      case 'job-end': {
        const { answer, worker, receiptJson, errorCode, errorMessage, ...rest } = op.end;
        const ended = end.run({
          ...rest,
          worker: worker ?? null,
          receiptJson: receiptJson ?? null,
          errorCode: errorCode ?? null,
          errorMessage: errorMessage ?? null,
          answer: answer ? bytesOf(answer) : null,
        });
        if (ended.changes === 0) return false;
        if (op.entry) append(op.entry);
        return true;
      }
      case 'job-expire':
        forget.run(op.side, op.nowMs);
        return (late.all(op.side, op.nowMs) as { id: string }[]).map(({ id }) => id);
    }
  };
}

/** Between threads a Buffer loses its class, and the driver wants one. */
function bytesOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

const COLUMNS = `side, id, status, requester, worker, model, input_tokens AS inputTokens, max_output_tokens AS maxOutputTokens,
  starts, placed_at_ms AS placedAtMs, started_at_ms AS startedAtMs, ended_at_ms AS endedAtMs, expires_at_ms AS expiresAtMs,
  order_json AS orderJson, receipt_json AS receiptJson, error_code AS errorCode, error_message AS errorMessage`;

type JobRow = { readonly [Name in keyof StoredJob]: Exclude<StoredJob[Name], undefined> | null };

function jobOf(row: JobRow): StoredJob {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name, value ?? undefined])) as never;
}

type Reading = 'find' | 'list' | 'unfinished' | 'counts' | 'nextExpiryMs' | 'prompt' | 'answer';

export function prepareJobReader(db: ReadableDatabase): Pick<StoredJobs, Reading> {
  const find = db.prepare(`SELECT ${COLUMNS} FROM stored_jobs WHERE side = ? AND id = ?`);
  const list = db.prepare(`SELECT ${COLUMNS} FROM stored_jobs WHERE side = ? ORDER BY seq DESC LIMIT ?`);
  const unfinished = db.prepare(`SELECT ${COLUMNS} FROM stored_jobs WHERE side = ? AND ${UNFINISHED} ORDER BY seq`);
  const counts = db.prepare('SELECT status, count(*) AS count FROM stored_jobs WHERE side = ? GROUP BY status');
  const next = db.prepare('SELECT min(expires_at_ms) AS ms FROM stored_jobs WHERE side = ?');
  const secrets = db.prepare('SELECT prompt, answer FROM stored_jobs WHERE side = ? AND id = ?');
  const secret = (side: JobSide, id: string, which: 'prompt' | 'answer') => {
    const bytes = (secrets.all(side, id) as Record<typeof which, Uint8Array | ArrayBuffer | null>[])[0]?.[which];
    return bytes instanceof ArrayBuffer ? new Uint8Array(bytes) : (bytes ?? undefined); // libsql has no Buffers
  };
  const isThere = (job: StoredJob, nowMs: number) =>
    job.expiresAtMs > nowMs || job.status === 'queued' || job.status === 'running';
  return {
    find(side, id, nowMs) {
      const [row] = find.all(side, id) as JobRow[];
      const job = row && jobOf(row);
      return job && isThere(job, nowMs) ? job : undefined;
    },
    list: (side, nowMs, limit) => (list.all(side, limit) as JobRow[]).map(jobOf).filter((job) => isThere(job, nowMs)),
    unfinished: (side) => (unfinished.all(side) as JobRow[]).map(jobOf),
    counts(side) {
      const all = { queued: 0, running: 0, done: 0, failed: 0, cancelled: 0 };
      for (const { status, count } of counts.all(side) as { status: JobStatus; count: number }[]) all[status] = count;
      return all;
    },
    nextExpiryMs: (side) => (next.all(side) as { ms: number | null }[])[0]?.ms ?? undefined,
    prompt: (side, id) => secret(side, id, 'prompt'),
    answer: (side, id) => secret(side, id, 'answer'),
  };
}
