import { JOB_HEADER, WORKER_HEADER } from '../protocol/headers.ts';
import type { Answered } from './settle.ts';

/** Who answered. A v1 worker chooses its own job id and tells it in its receipt only. */
export function peerHeaders(answered: Pick<Answered, 'candidate' | 'order' | 'jobId'>): Record<string, string> {
  return {
    [WORKER_HEADER]: answered.candidate.known.peer.pubkey,
    ...(answered.order ? { [JOB_HEADER]: answered.jobId } : {}),
  };
}
