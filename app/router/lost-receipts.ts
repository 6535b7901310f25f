import { setTimeout as sleep } from 'node:timers/promises';
import { request } from 'undici';
import { inFlightBytes } from '../protocol/audit.ts';
import { GridError, type GridErrorCode } from '../protocol/errors.ts';
import { encodeHeaderJson, ORDER_HEADER } from '../protocol/headers.ts';
import { requestUrl } from '../protocol/overlay-address.ts';
import type { VerifiedOrder } from '../protocol/order.ts';
import { auditStream } from './audit-stream.ts';
import type { PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';

/** The worker needs a moment to notice and to write; one that restarts needs longer. */
const RETRY_MS = [300, 2_000, 10_000, 60_000];
/** When nothing arrived there is most likely no receipt: asked twice, in case the first token was on its way. */
const RETRY_NOTHING_ARRIVED_MS = [300, 2_000];
const FETCH_TIMEOUT_MS = 5_000;
const MAX_RECEIPT_BYTES = 16 * 1024;

/** After these the worker did nothing, or said so itself. */
const NOTHING_DONE: ReadonlySet<GridErrorCode> = new Set(['peer_refused', 'peer_unreachable']);

/**
 * An answer that ended before its receipt came: the client hung up, or the stream was lost. What was delivered is paid: the
 * receipt is fetched from the worker, in the background, and settled. Nobody waits for it, and it never fails.
 */
export function settleLost(stream: PeerStream, thrown: unknown, messages: number, deps: RouterDeps): void {
  const { order } = stream;
  const saidNo = thrown instanceof GridError && NOTHING_DONE.has(thrown.code);
  // An owner who came back ends an answer in the middle, and sends the receipt of the part along.
  if (!order || (saidNo && stream.reader.receipt === undefined)) return;
  // The reader stands still now: what came later was not looked at.
  const inFlight = inFlightBytes(stream.reader.answerBytes, deps.nowMs() - stream.startedAtMs);
  pursue(stream, order, { messages, inFlightBytes: inFlight }, deps).catch((error: unknown) => {
    if (!deps.stopping.aborted) deps.log.warn({ err: error, jobId: stream.jobId }, 'lost receipt not settled');
  });
}

async function pursue(
  stream: PeerStream,
  order: VerifiedOrder,
  delivered: { messages: number; inFlightBytes: number },
  deps: RouterDeps,
): Promise<void> {
  let receipt = stream.reader.receipt;
  for (const delayMs of stream.reader.deltas > 0 ? RETRY_MS : RETRY_NOTHING_ARRIVED_MS) {
    if (receipt !== undefined) break;
    await sleep(delayMs, undefined, { ref: false, signal: deps.stopping });
    receipt = await fetchReceipt(stream.candidate.known.peer.url, order, deps).catch((error: unknown) => {
      deps.log.debug({ err: error, jobId: stream.jobId }, 'lost receipt not fetched');
    });
  }
  if (receipt === undefined) {
    deps.log.info({ jobId: stream.jobId }, 'no receipt for an answer that was cut');
    return;
  }
  const entry = auditStream(stream, receipt, delivered, deps);
  if ('asked' in entry) await deps.ledger.appendAsked(...entry.asked);
  else if ('disputed' in entry) await deps.ledger.appendDisputed(entry.disputed);
  stream.settled();
}

/** @returns undefined when the worker has none (yet) */
async function fetchReceipt(url: string, order: VerifiedOrder, deps: RouterDeps): Promise<unknown> {
  const { statusCode, body } = await request(requestUrl(url, `/v1/receipts/${order.jobId}`), {
    dispatcher: deps.dispatcher,
    signal: AbortSignal.any([deps.stopping, AbortSignal.timeout(FETCH_TIMEOUT_MS)]),
    headers: { [ORDER_HEADER]: encodeHeaderJson({ order: order.order, signature: order.signature }) },
  });
  if (statusCode !== 200) {
    await body.dump();
    return undefined;
  }
  let text = '';
  for await (const part of body.setEncoding('utf8')) {
    text += part as string;
    if (text.length > MAX_RECEIPT_BYTES) throw new GridError('peer_misbehaved', 'The receipt is longer than 16 kB.');
  }
  return JSON.parse(text);
}
