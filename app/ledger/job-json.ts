import { ERRORS } from '../protocol/errors.ts';
import type { StoredJob } from './stored-jobs.ts';

/** A job as worker and router show it. Times in ms since 1970; what is not there yet is left out, as v1 does. */
export function jobJson(job: StoredJob, result: unknown): object {
  return {
    id: job.id,
    object: 'lobstah.job',
    status: job.status,
    model: job.model,
    requesterPubkey: job.requester,
    ...(job.worker === undefined ? {} : { workerPubkey: job.worker }),
    createdAt: job.placedAtMs,
    ...(job.startedAtMs === undefined ? {} : { startedAt: job.startedAtMs }),
    ...(job.endedAtMs === undefined ? {} : { completedAt: job.endedAtMs }),
    expiresAt: job.expiresAtMs,
    ...(result === undefined ? {} : { result }),
    ...(job.receiptJson === undefined ? {} : { receipt: JSON.parse(job.receiptJson) as unknown }),
    ...(job.errorCode === undefined
      ? {}
      : { error: { type: job.errorCode, message: `${job.errorMessage ?? ''} ${ERRORS[job.errorCode].hint}`.trim() } }),
  };
}
