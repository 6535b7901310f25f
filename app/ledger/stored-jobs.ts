import type { GridErrorCode } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { LedgerWriter } from './ledger.ts';

/** 'serving': left at this worker. 'asking': left at this router. */
export type JobSide = 'serving' | 'asking';
/** v1's words. The first two still have their prompt, only 'done' has an answer. */
export type JobStatus = 'queued' | 'running' | 'done' | 'failed' | 'cancelled';

/** A job without what was asked and answered. Times in ms since 1970. */
export interface StoredJob {
  readonly side: JobSide;
  readonly id: string;
  readonly status: JobStatus;
  /** proven when there is an order, else what was claimed */
  readonly requester: Pubkey | 'anonymous';
  readonly worker: Pubkey | undefined;
  readonly model: string;
  /** estimated */
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  /** how often it was begun: a job that takes the process down with it is not begun for ever */
  readonly starts: number;
  readonly placedAtMs: number;
  readonly startedAtMs: number | undefined;
  readonly endedAtMs: number | undefined;
  /** while it waits: to be begun before; afterwards: kept until */
  readonly expiresAtMs: number;
  readonly orderJson: string | undefined;
  readonly receiptJson: string | undefined;
  readonly errorCode: GridErrorCode | undefined;
  readonly errorMessage: string | undefined;
}

export type PlacedJob = Omit<
  StoredJob,
  'status' | 'starts' | 'worker' | 'startedAtMs' | 'endedAtMs' | 'receiptJson' | 'errorCode' | 'errorMessage'
> & { readonly prompt: Uint8Array };

/** What goes into the ledger in the same commit as the end of the job, so that neither is ever there without the other. */
export type JobEntry =
  | { readonly served: Parameters<LedgerWriter['appendServed']> }
  | { readonly asked: Parameters<LedgerWriter['appendAsked']> }
  | { readonly disputed: Parameters<LedgerWriter['appendDisputed']>[0] };

export interface JobEnd {
  readonly side: JobSide;
  readonly id: string;
  readonly status: 'done' | 'failed' | 'cancelled';
  readonly endedAtMs: number;
  readonly expiresAtMs: number;
  readonly worker?: Pubkey | undefined;
  readonly answer?: Uint8Array | undefined;
  readonly receiptJson?: string | undefined;
  readonly errorCode?: GridErrorCode | undefined;
  readonly errorMessage?: string | undefined;
}

/** Every promise resolves when the change is on the disk. */
export interface StoredJobs {
  /** Without those whose time is over. */
  find(side: JobSide, id: string, nowMs: number): StoredJob | undefined;
  /** newest first */
  list(side: JobSide, nowMs: number, limit: number): StoredJob[];
  /** those that wait or were running when the process ended, oldest first */
  unfinished(side: JobSide): StoredJob[];
  counts(side: JobSide): Record<JobStatus, number>;
  /** when the next one expires */
  nextExpiryMs(side: JobSide): number | undefined;
  prompt(side: JobSide, id: string): Uint8Array | undefined;
  answer(side: JobSide, id: string): Uint8Array | undefined;

  place(job: PlacedJob): Promise<void>;
  /** @returns false when it has ended meanwhile */
  begin(side: JobSide, id: string, nowMs: number): Promise<boolean>;
  /** Back into the queue. `undone`: that it was begun does not count, because it was stopped in good order. */
  requeue(side: JobSide, id: string, undone: boolean): Promise<void>;
  /** Takes the prompt away. @returns false when it had ended before: then nothing was entered either */
  end(end: JobEnd, entry?: JobEntry): Promise<boolean>;
  /** Removes what was kept long enough. @returns the jobs that wait, and whose time to be begun is over */
  expire(side: JobSide, nowMs: number): Promise<string[]>;
}
