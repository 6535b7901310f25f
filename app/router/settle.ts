import { auditReceipt, type Dispute } from '../protocol/audit.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { AnswerReader } from './answer-reader.ts';
import type { PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';

/** `[DONE]` waits for the ledger this long; after that the entry is written behind it. */
const WAIT_FOR_LEDGER_MS = 250;
/** With so many answers under way, one that ends waits a moment for others to share its commit: the longer the more there are. */
const BUSY_FROM = 8;
const PATIENCE_MS_EACH = 0.4;
const MOST_PATIENCE_MS = 25;
const RETRY_MS = [1_000, 5_000, 30_000];

/** A whole answer, as far as its receipt is concerned. */
export interface Answered extends Pick<
  PeerStream,
  'candidate' | 'order' | 'jobId' | 'requestBytes' | 'maxOutputTokens' | 'startedAtMs' | 'settled'
> {
  readonly reader: Pick<AnswerReader, 'answerBytes' | 'toolCalls' | 'receipt'>;
}

/**
 * Judges the receipt of a whole answer and enters it into the ledger. Never fails: a bad receipt or a full disk is between
 * the peers and this machine, the client has its answer. Resolves when the entry is durable, or after 250 ms.
 */
export async function settle(
  stream: Answered,
  messages: number,
  deps: RouterDeps,
  othersOnTheWay: number,
): Promise<void> {
  const posted = post(stream, messages, deps, patienceFor(othersOnTheWay));
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => (timer = setTimeout(() => resolve('late'), WAIT_FOR_LEDGER_MS)));
  try {
    if ((await Promise.race([posted, late])) === 'late') {
      deps.metrics.settled('late');
      deps.log.warn({ jobId: stream.jobId }, 'the ledger is slow: the answer went out before its entry');
    }
  } finally {
    clearTimeout(timer);
  }
}

function patienceFor(others: number): number {
  return others < BUSY_FROM ? 0 : Math.min(MOST_PATIENCE_MS, others * PATIENCE_MS_EACH);
}

async function post(stream: Answered, messages: number, deps: RouterDeps, patienceMs: number): Promise<void> {
  for (const delayMs of [...RETRY_MS, undefined]) {
    try {
      await append(stream, messages, deps, patienceMs);
      return;
    } catch (error) {
      deps.log.error({ err: error, jobId: stream.jobId, retryMs: delayMs ?? null }, 'ledger entry not written');
      if (delayMs === undefined || deps.stopping.aborted) return;
      await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
    }
  }
}

async function append(stream: Answered, messages: number, deps: RouterDeps, patienceMs: number): Promise<void> {
  const { candidate, order, reader } = stream;
  const workerPubkey = candidate.known.peer.pubkey;
  const nowMs = deps.nowMs();
  const audit = auditReceipt(reader.receipt, {
    workerPubkey,
    requesterPubkey: deps.signer.pubkey,
    model: candidate.model,
    order,
    maxOutputTokens: stream.maxOutputTokens,
    delivered: {
      requestBytes: stream.requestBytes,
      messages,
      answerBytes: reader.answerBytes,
      toolCalls: reader.toolCalls,
    },
    nowMs,
  });
  if (audit.ok) {
    const appended = await deps.ledger.appendAsked(audit.receipt, { order, price: V1_PRICE, nowMs, patienceMs });
    stream.settled();
    deps.metrics.settled(appended);
    const own = workerPubkey === deps.signer.pubkey;
    // The own worker wrote the same receipt a moment ago; from anybody else it is a second use of an old one.
    if (appended === 'known' && !own) deps.log.warn({ jobId: stream.jobId, workerPubkey }, 'receipt was used before');
    return;
  }
  deps.metrics.settled('disputed');
  deps.log.warn({ jobId: stream.jobId, workerPubkey, dispute: audit.dispute satisfies Dispute }, 'receipt disputed');
  await deps.ledger.appendDisputed({
    dispute: audit.dispute,
    receipt: audit.receipt,
    order,
    jobId: stream.jobId,
    workerPubkey,
    model: candidate.model,
    startedAtMs: stream.startedAtMs,
    nowMs,
  });
}
