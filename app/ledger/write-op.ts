import type { GridErrorCode } from '../protocol/errors.ts';
import type { JobOp, JobResults } from './job-ops.ts';
import type { Appended, OrderTaken } from './ledger.ts';
import type { NewEntry } from './new-entry.ts';

/** What the main thread asks of the writer's thread: plain values, cheap to copy. */
export type WriteOp =
  | {
      readonly op: 'take';
      readonly worker: string;
      readonly requester: string;
      readonly nonce: string;
      readonly nowMs: number;
    }
  | {
      readonly op: 'open';
      readonly jobId: string;
      readonly orderJson: string;
      readonly issuedAtMs: number;
      readonly expiresAtMs: number;
    }
  | { readonly op: 'append'; readonly entry: NewEntry }
  | JobOp;

export interface WriteResults extends JobResults {
  take: OrderTaken;
  open: 'opened';
  append: Appended;
}

export type WriteResult = WriteResults[WriteOp['op']];

/** A GridError as it crosses threads: an Error would lose its class. */
export interface WriteFailure {
  readonly code: GridErrorCode;
  readonly message: string;
  /** of the cause, for the log */
  readonly cause: string;
}

export type Outcome = { readonly value: WriteResult } | { readonly failure: WriteFailure };

/** To the thread. */
export type WriterRequest =
  | {
      readonly ticket: number;
      readonly op: WriteOp;
      /** may wait this long for others to share its commit; 0 when nobody else is on the way */
      readonly patienceMs: number;
    }
  | 'close';

/** From the thread: one message a commit, however many it answers. */
export type WriterReply =
  | 'opened'
  | { readonly notOpened: WriteFailure }
  | { readonly answers: readonly { readonly ticket: number; readonly outcome: Outcome }[] };
