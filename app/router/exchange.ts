import type { Dispatcher } from 'undici';
import { PendingBytes } from '../http/pending-bytes.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { encodeHeaderJson, ORDER_HEADER, REQUEST_ID_HEADER, REQUESTER_HEADER } from '../protocol/headers.ts';
import { requestUrl } from '../protocol/overlay-address.ts';
import { unreachableSentence } from '../peers/probe.ts';
import { errorEventOf } from './answer-chunk.ts';
import type { RouterDeps } from './router-deps.ts';
import { createWatch } from './watch.ts';
import type { PeerStream, TakePiece } from './peer-stream.ts';

/** The longest tokens in use are runs of 128 spaces; a peer that sends more than this is filling memory. */
const MAX_BYTES_PER_TOKEN = 256;
const FIXED_BYTES = 64 * 1024;
/** A chunk around a token, with the twenty alternatives that `top_logprobs` may ask for. */
const MAX_RAW_BYTES_PER_TOKEN = 8 * 1024;
const FIXED_RAW_BYTES = 4 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;
/** After `[DONE]` a peer has this long to end its response, so that the connection can be used again. */
const LINGER_MS = 2_000;

/**
 * Sends one request and reads its answer up to `[DONE]`, with one clock for all phases.
 * @throws GridError peer_unreachable, peer_refused, peer_misbehaved, peer_lost; the signal's reason when aborted
 */
export function exchange(
  stream: PeerStream,
  sent: { body: Buffer; requestId: string; firstTokenMs: number; onFirst: (tookMs: number) => void },
  deps: RouterDeps,
  signal: AbortSignal,
  take: TakePiece,
): Promise<void> {
  const { candidate, order, reader } = stream;
  const { limits } = deps;
  const stallMs = candidate.takesOrders ? limits.stallMs : limits.v1StallMs;
  const maxBytes = FIXED_BYTES + stream.maxOutputTokens * MAX_BYTES_PER_TOKEN;
  const maxRawBytes = FIXED_RAW_BYTES + stream.maxOutputTokens * MAX_RAW_BYTES_PER_TOKEN;
  return new Promise((resolve, reject) => {
    let connection: Dispatcher.DispatchController | undefined;
    let over = false;
    /** the response, whatever became of the answer */
    let ended = false;
    let linger: NodeJS.Timeout | undefined;
    /** what a peer says instead of an answer */
    let refused: { status: number; parts: Buffer[]; bytes: number } | undefined;

    const watch = createWatch((complaint) => fail(new GridError('peer_lost', `The peer ${complaint}.`)));
    const onAbort = () => fail(signal.reason);
    const sentMs = performance.now();
    const firstMs = candidate.takesOrders ? sent.firstTokenMs : Math.max(limits.v1FirstMs, sent.firstTokenMs);
    /** Heartbeats show that a peer lives, not that it will ever answer. */
    let first: NodeJS.Timeout | undefined = setTimeout(
      () => fail(new GridError('peer_lost', `The peer sent no first token for ${Math.round(firstMs / 1000)} s.`)),
      firstMs,
    );
    const begun = (): void => {
      clearTimeout(first);
      first = undefined;
      sent.onFirst(performance.now() - sentMs);
    };
    const end = (): boolean => {
      if (over) return false;
      over = true;
      clearTimeout(first);
      watch.pause();
      signal.removeEventListener('abort', onAbort);
      return true;
    };
    function fail(reason: unknown): void {
      if (!end()) return;
      connection?.abort(asGridError(reason));
      reject(reason);
    }
    /** v1 workers send no heartbeats: until their first token only the limit for that holds. */
    const phase = (): void => {
      if (candidate.takesOrders || reader.begun) watch.limit(stallMs, 'went silent');
    };
    function read(bytes: Buffer): void {
      const eventsBefore = reader.events;
      let piece: Buffer | undefined;
      try {
        piece = reader.push(bytes);
      } catch (error) {
        fail(error);
        return;
      }
      if (reader.answerBytes > maxBytes || reader.rawBytes > maxRawBytes) {
        fail(new GridError('peer_misbehaved', 'The peer sends far more than was ordered.'));
        return;
      }
      // Bytes that never become an event are no sign of life.
      if (reader.events > eventsBefore) phase();
      if (reader.begun && first) begun();
      const taken = piece && take(piece, stream);
      if (taken) waitFor(taken);
      if (!reader.done) return;
      if (reader.begun) void (taken ?? Promise.resolve()).then(() => finish(), fail);
      else fail(new GridError('peer_misbehaved', 'The peer ended its answer without giving one.'));
    }
    /**
     * A peer writes its tokens as HTTP chunks, and each comes by itself, many of them from one packet. They are read and passed
     * on together, when the packet is through.
     */
    const arrived = new PendingBytes();
    function readArrived(): void {
      if (arrived.length === 0) return;
      const bytes = arrived.take();
      if (!over) read(bytes);
    }
    /** A slow client is not the peer's silence: the clock stands, and so does the peer. */
    function waitFor(taken: Promise<void>): void {
      watch.pause();
      connection?.pause();
      taken.then(() => {
        if (!over) phase();
        connection?.resume();
      }, fail);
    }
    function finish(): void {
      if (!end()) return;
      if (!ended) {
        linger = setTimeout(() => connection?.abort(new Error('lingers')), LINGER_MS);
        linger.unref();
      }
      resolve();
    }

    if (signal.aborted) {
      onAbort();
      return;
    }
    signal.addEventListener('abort', onAbort, { once: true });
    if (candidate.takesOrders) watch.limit(limits.headersMs, 'has not answered');
    const url = new URL(requestUrl(candidate.known.peer.url, '/v1/chat/completions'));
    const asked: Dispatcher.DispatchOptions = {
      origin: url.origin,
      path: url.pathname,
      method: 'POST',
      // The watch keeps time: it knows heartbeats and phases.
      headersTimeout: 0,
      bodyTimeout: 0,
      headers: {
        'content-type': 'application/json',
        [REQUESTER_HEADER]: deps.signer.pubkey,
        [REQUEST_ID_HEADER]: sent.requestId,
        ...(order ? { [ORDER_HEADER]: encodeHeaderJson({ order: order.order, signature: order.signature }) } : {}),
      },
      body: sent.body,
    };
    const answer: Dispatcher.DispatchHandler = {
      onRequestStart(controller) {
        connection = controller;
        if (over) controller.abort(new Error('nobody waits any more'));
      },
      onResponseStart(_controller, status, headers) {
        if (over || status < 200) return;
        if (status !== 200 || !String(headers['content-type']).startsWith('text/event-stream'))
          refused = { status, parts: [], bytes: 0 };
        else phase();
      },
      onResponseData(_controller, bytes) {
        if (over) return;
        if (!refused) {
          if (arrived.length === 0) queueMicrotask(readArrived);
          arrived.append(bytes);
        } else {
          refused.parts.push(bytes);
          refused.bytes += bytes.length;
          if (refused.bytes > MAX_ERROR_BYTES) fail(refusalOf(refused));
        }
      },
      onResponseEnd() {
        ended = true;
        clearTimeout(linger);
        readArrived();
        if (over) return;
        if (refused) fail(refusalOf(refused));
        // Without [DONE] only a finish reason tells a whole answer from a cut one.
        else if (reader.finishReason !== undefined) finish();
        else fail(new GridError('peer_lost', 'The peer ended its answer in the middle.'));
      },
      onResponseError(_controller, error) {
        ended = true;
        clearTimeout(linger);
        readArrived();
        if (reader.begun) fail(new GridError('peer_lost', undefined, { cause: error }));
        else fail(new GridError('peer_unreachable', unreachableSentence(error), { cause: error }));
      },
    };
    try {
      deps.dispatcher.dispatch(asked, answer);
    } catch (error) {
      // While Lobstah is offline there is no way out, and no callback that would tell.
      fail(error);
    }
  });
}

/** What a peer said no to, in its own words. */
export function refusalOf({ status, parts }: { status: number; parts: readonly Buffer[] }): GridError {
  if (status === 200) return new GridError('peer_misbehaved', 'The peer answered without a stream.');
  const { type, message } = errorOfBody(Buffer.concat(parts).toString('utf8'));
  return new GridError('peer_refused', `The peer says: ${message}`, { details: { refusal: type, status } });
}

function errorOfBody(text: string): { type: string; message: string } {
  try {
    return errorEventOf((JSON.parse(text) as { error?: unknown } | null)?.error);
  } catch {
    return { type: 'unknown', message: 'no reason in the protocol of Lobstah' };
  }
}
