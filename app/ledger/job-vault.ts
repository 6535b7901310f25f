import { GridError } from '../protocol/errors.ts';
import type { Sealer } from '../store/sealer.ts';
import type { JobEnd, JobEntry, JobSide, PlacedJob, StoredJob, StoredJobs } from './stored-jobs.ts';

/** v1: done jobs are kept 60 minutes, failed ones 30. */
const DONE_KEPT_MS = 60 * 60_000;
const FAILED_KEPT_MS = 30 * 60_000;

/** A prompt that fills a context of 200,000 tokens. More would hold the main thread for its encryption and its copies. */
export const MAX_JOB_BYTES = 1024 * 1024;

/** The stored jobs of one side; prompts and answers lie encrypted while they are here. */
export interface JobVault {
  /** @param body the JSON of the request as it came */
  place(job: Omit<PlacedJob, 'side' | 'prompt'>, body: Uint8Array): Promise<void>;
  find(id: string, nowMs: number): StoredJob | undefined;
  list(nowMs: number, limit: number): StoredJob[];
  unfinished(): StoredJob[];
  counts(): ReturnType<StoredJobs['counts']>;
  nextExpiryMs(): number | undefined;
  /** @throws GridError database_damaged when it does not open: another identity, or a changed file */
  request(id: string): unknown;
  answer(id: string): unknown;
  begin(id: string, nowMs: number): Promise<boolean>;
  requeue(id: string, undone: boolean): Promise<void>;
  done(
    end: Pick<JobEnd, 'id' | 'worker' | 'receiptJson'> & { answer: unknown; nowMs: number },
    entry: JobEntry | undefined,
  ): Promise<boolean>;
  failed(id: string, error: GridError, nowMs: number): Promise<boolean>;
  cancelled(id: string, nowMs: number): Promise<boolean>;
  expire(nowMs: number): Promise<string[]>;
}

export function createJobVault(jobs: StoredJobs, sealer: Sealer, side: JobSide): JobVault {
  const label = (id: string, what: 'prompt' | 'answer') => `${side} ${id} ${what}`;
  function open(id: string, what: 'prompt' | 'answer'): unknown {
    const sealed = jobs[what](side, id);
    const plain = sealed && sealer.open(sealed, label(id, what));
    if (!plain)
      throw new GridError('database_damaged', 'A stored job cannot be decrypted: it belongs to another identity.');
    return JSON.parse(plain.toString('utf8'));
  }

  return {
    place: (job, body) => jobs.place({ ...job, side, prompt: sealer.seal(body, label(job.id, 'prompt')) }),
    find: (id, nowMs) => jobs.find(side, id, nowMs),
    list: (nowMs, limit) => jobs.list(side, nowMs, limit),
    unfinished: () => jobs.unfinished(side),
    counts: () => jobs.counts(side),
    nextExpiryMs: () => jobs.nextExpiryMs(side),
    request: (id) => open(id, 'prompt'),
    answer: (id) => open(id, 'answer'),
    begin: (id, nowMs) => jobs.begin(side, id, nowMs),
    requeue: (id, undone) => jobs.requeue(side, id, undone),
    done: ({ answer, nowMs, ...rest }, entry) =>
      jobs.end(
        {
          ...rest,
          side,
          status: 'done',
          answer: sealer.seal(Buffer.from(JSON.stringify(answer)), label(rest.id, 'answer')),
          endedAtMs: nowMs,
          expiresAtMs: nowMs + DONE_KEPT_MS,
        },
        entry,
      ),
    failed: (id, error, nowMs) =>
      jobs.end({
        side,
        id,
        status: 'failed',
        endedAtMs: nowMs,
        expiresAtMs: nowMs + FAILED_KEPT_MS,
        errorCode: error.code,
        errorMessage: error.message,
      }),
    cancelled: (id, nowMs) =>
      jobs.end({ side, id, status: 'cancelled', endedAtMs: nowMs, expiresAtMs: nowMs + FAILED_KEPT_MS }),
    expire: (nowMs) => jobs.expire(side, nowMs),
  };
}
