import { request as httpRequest } from 'undici';
import { SseSplitter, dataOf, isComment } from '../http/sse.ts';
import { maxOutputTokensOf } from '../protocol/chat.ts';
import { sha256Hex } from '../protocol/ed25519.ts';
import { GridError } from '../protocol/errors.ts';
import {
  decodeHeaderJson,
  encodeHeaderJson,
  ORDER_HEADER,
  RECEIPT_COMMENT,
  REQUESTER_HEADER,
} from '../protocol/headers.ts';
import { issueOrder, type VerifiedOrder } from '../protocol/order.ts';
import { unreachableSentence } from '../peers/probe.ts';
import { AnswerMeter, errorEventOf, isPeerError, type Chunk } from './answer-meter.ts';
import { v1Body, wholeBody, type ClientRequest } from './peer-body.ts';
import type { Candidate } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';
import { createWatch } from './watch.ts';

/** An order stays open this long: a receipt that got lost can be asked for. Far below the protocol's 24 h. */
const ORDER_LIFE_MS = 3600_000;
/** The longest tokens in use are runs of 128 spaces; a peer that sends more than this is filling memory. */
const MAX_BYTES_PER_TOKEN = 256;
const FIXED_BYTES = 64 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

export interface PeerEvent {
  /** the event as it came, without its closing blank line */
  readonly raw: Buffer;
  readonly chunk: Chunk;
}

/** One request to one peer. */
export interface PeerStream {
  readonly candidate: Candidate;
  readonly order: VerifiedOrder | undefined;
  readonly jobId: string;
  readonly requestBytes: number;
  readonly maxOutputTokens: number;
  readonly startedAtMs: number;
  readonly meter: AnswerMeter;
  /** what the peer sent as its receipt, unread; after the last event */
  readonly receipt: () => unknown;
  /**
   * The answer up to its `[DONE]`. Heartbeats and the receipt are taken out.
   * @throws GridError peer_unreachable, peer_refused, peer_misbehaved, peer_lost; the signal's reason when aborted
   */
  events(): AsyncGenerator<PeerEvent>;
}

/** Signs the order. Nothing is sent before `events` is iterated. */
export function createPeerStream(
  candidate: Candidate,
  request: ClientRequest,
  deps: RouterDeps,
  signal: AbortSignal,
): PeerStream {
  const { peer } = candidate.known;
  const body = candidate.takesOrders ? wholeBody(request, candidate.model) : v1Body(request.chat, candidate.model);
  const maxOutputTokens = maxOutputTokensOf(request.chat);
  const startedAtMs = deps.nowMs();
  const order = candidate.takesOrders
    ? issueOrder(
        {
          nonce: deps.randomHex(16),
          workerPubkey: peer.pubkey,
          model: candidate.model,
          maxOutputTokens,
          price: candidate.price,
          bodySha256: sha256Hex(body),
          issuedAt: startedAtMs,
          deadline: startedAtMs + ORDER_LIFE_MS,
        },
        deps.signer,
      )
    : undefined;
  const meter = new AnswerMeter();
  let receipt: unknown;

  async function* events(): AsyncGenerator<PeerEvent> {
    const watch = createWatch(signal);
    try {
      if (order)
        deps.ledger.openOrder(order).catch((error: unknown) => deps.log.warn({ err: error }, 'order not kept'));
      watch.limit(candidate.takesOrders ? deps.limits.headersMs : deps.limits.v1FirstMs, 'has not answered');
      const stallMs = candidate.takesOrders ? deps.limits.stallMs : deps.limits.v1StallMs;
      const splitter = new SseSplitter();
      const chunks = await open(watch.signal);
      for await (const bytes of chunks) {
        const firstAwaited = !candidate.takesOrders && !meter.begun;
        if (!firstAwaited) watch.limit(stallMs, 'went silent');
        for (const raw of splitter.push(bytes)) {
          const data = dataOf(raw);
          if (data === undefined) {
            if (isComment(raw)) readComment(raw);
            continue;
          }
          if (data === '[DONE]') {
            if (meter.finishReason === undefined && meter.deltas === 0)
              throw new GridError('peer_misbehaved', 'The peer ended its answer without giving one.');
            return;
          }
          const chunk = meter.read(data);
          if (!chunk) throw new GridError('peer_misbehaved', 'The peer sent a chunk that cannot be read.');
          if (isPeerError(chunk)) throw refusal(chunk.type, chunk.message, undefined);
          if (meter.answerBytes > FIXED_BYTES + maxOutputTokens * MAX_BYTES_PER_TOKEN)
            throw new GridError('peer_misbehaved', 'The peer sends far more than was ordered.');
          const timed = candidate.takesOrders || meter.begun;
          if (timed) watch.pause(); // a slow client is not the peer's silence
          yield { raw, chunk };
          if (timed) watch.limit(stallMs, 'went silent');
        }
      }
      // Without [DONE] only a finish reason tells a whole answer from a cut one.
      if (meter.finishReason === undefined)
        throw new GridError('peer_lost', 'The peer ended its answer in the middle.');
    } catch (error) {
      signal.throwIfAborted();
      if (watch.expired()) throw new GridError('peer_lost', `The peer ${watch.expired()}.`, { cause: error });
      if (error instanceof GridError) throw error;
      if (meter.begun) throw new GridError('peer_lost', undefined, { cause: error });
      throw new GridError('peer_unreachable', unreachableSentence(error), { cause: error });
    } finally {
      watch.close();
    }
  }

  async function open(attemptSignal: AbortSignal): Promise<AsyncIterable<Buffer>> {
    const response = await httpRequest(`${peer.url}/v1/chat/completions`, {
      method: 'POST',
      dispatcher: deps.dispatcher,
      signal: attemptSignal,
      // The watch keeps time: it knows heartbeats and phases.
      headersTimeout: 0,
      bodyTimeout: 0,
      headers: {
        'content-type': 'application/json',
        [REQUESTER_HEADER]: deps.signer.pubkey,
        ...(order ? { [ORDER_HEADER]: encodeHeaderJson({ order: order.order, signature: order.signature }) } : {}),
      },
      body,
    });
    const type = String(response.headers['content-type']);
    if (response.statusCode === 200 && type.startsWith('text/event-stream'))
      return response.body as AsyncIterable<Buffer>;
    const text = await readSome(response.body as AsyncIterable<Buffer>);
    if (response.statusCode === 200) throw new GridError('peer_misbehaved', 'The peer answered without a stream.');
    const { type: errorType, message } = errorOfBody(text);
    throw refusal(errorType, message, response.statusCode);
  }

  function readComment(raw: Buffer): void {
    const text = raw.toString('utf8');
    if (text.startsWith(RECEIPT_COMMENT)) receipt = decodeHeaderJson(text.slice(RECEIPT_COMMENT.length).trim());
  }

  return {
    candidate,
    order,
    jobId: order?.jobId ?? `v1-${deps.randomHex(12)}`,
    requestBytes: body.length,
    maxOutputTokens,
    startedAtMs,
    meter,
    receipt: () => receipt,
    events,
  };
}

/** What a peer said no to, in its own words: `status` undefined when it said so inside a stream. */
function refusal(type: string, message: string, status: number | undefined): GridError {
  return new GridError('peer_refused', `The peer says: ${message}`, {
    details: { refusal: type, status: status ?? null },
  });
}

async function readSome(body: AsyncIterable<Buffer>): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}

function errorOfBody(text: string): { type: string; message: string } {
  try {
    return errorEventOf((JSON.parse(text) as { error?: unknown } | null)?.error);
  } catch {
    return { type: 'unknown', message: 'no reason in the protocol of Lobstah' };
  }
}
