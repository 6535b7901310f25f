import type { JobEntry } from '../ledger/stored-jobs.ts';
import { auditReceipt } from '../protocol/audit.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';

/** The receipt of an answer held against its order and against what arrived, as the entry it makes. */
export function auditStream(
  stream: PeerStream,
  receipt: unknown,
  delivered: { messages: number; inFlightBytes?: number },
  deps: Pick<RouterDeps, 'signer' | 'nowMs' | 'log'>,
): JobEntry {
  const { candidate, order, reader, jobId } = stream;
  const workerPubkey = candidate.known.peer.pubkey;
  const nowMs = deps.nowMs();
  const audit = auditReceipt(receipt, {
    workerPubkey,
    requesterPubkey: deps.signer.pubkey,
    model: candidate.model,
    order,
    maxOutputTokens: stream.maxOutputTokens,
    delivered: {
      requestBytes: stream.requestBytes,
      answerBytes: reader.answerBytes,
      toolCalls: reader.toolCalls,
      ...delivered,
    },
    nowMs,
  });
  if (audit.ok) return { asked: [audit.receipt, { order, price: V1_PRICE, nowMs }] };
  deps.log.warn({ jobId, workerPubkey, dispute: audit.dispute }, 'receipt disputed');
  return {
    disputed: {
      dispute: audit.dispute,
      receipt: audit.receipt,
      order,
      jobId,
      workerPubkey,
      model: candidate.model,
      startedAtMs: stream.startedAtMs,
      nowMs,
    },
  };
}
