import { asGridError, ERRORS, GridError, isGridErrorCode } from '../protocol/errors.ts';
import type { AnswerListener } from './answer-reader.ts';
import { settleLost } from './lost-receipts.ts';
import { createPeerStream, type PeerStream, type TakePiece } from './peer-stream.ts';
import { lossOnV1, type ClientRequest } from './peer-body.ts';
import { pickPeers, type Candidate, type Need, type Pick } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';

/** More tries than this only make a client wait: what fails at five peers fails at the sixth. */
export const MAX_ATTEMPTS = 5;

/** What a peer refuses because of itself says nothing about its health. */
const HEALTHY_STATUS = new Set([400, 401, 402, 404, 409, 413, 429, 503]);

export interface Failure {
  readonly candidate: Candidate;
  readonly error: GridError;
}

/** What comes of a request, as far as asking is concerned. */
export interface AskOptions {
  /** The client has been shown something of this answer: nobody else can take over in silence. */
  readonly isShown: () => boolean;
  readonly take: TakePiece;
  /** who wants the contents too; a new one for each try */
  readonly listener?: (() => AnswerListener) | undefined;
  /** before each try */
  readonly onTry?: ((stream: PeerStream) => void) | undefined;
}

/**
 * Asks one peer after the other until one has answered, or until the client has been shown a part of an answer.
 * @throws GridError no_peers, no_capable_peer, all_peers_failed, bad_request when every peer asked found the request at fault,
 *   credit_spent when all of them give no more,
 *   peer_lost when the peer was lost after something of its answer was shown
 */
export async function askPeers(
  request: ClientRequest,
  deps: RouterDeps,
  signal: AbortSignal,
  { isShown, take, listener, onTry }: AskOptions,
): Promise<PeerStream> {
  const { candidates, leftOut } = await pick(request, deps);
  const failures: Failure[] = [];
  for (const candidate of candidates.slice(0, MAX_ATTEMPTS)) {
    // Nobody waits any more: no order is signed for that.
    signal.throwIfAborted();
    const { pubkey } = candidate.known.peer;
    const stream = createPeerStream(candidate, request, deps, signal, listener?.());
    onTry?.(stream);
    const ended = deps.memory.begin(pubkey);
    try {
      await stream.run(take);
      deps.roster.succeeded(pubkey, undefined);
      deps.memory.answered(request.conversation, pubkey, deps.nowMs());
      return stream;
    } catch (thrown) {
      settleLost(stream, thrown, request.chat.messages.length, deps);
      if (signal.aborted) throw signal.reason;
      const error = asGridError(thrown);
      noteFailure(candidate, error, deps);
      deps.metrics.peerFailed(error.code);
      deps.log.info(
        {
          requestId: request.requestId,
          jobId: stream.jobId,
          peer: pubkey,
          code: error.code,
          ms: deps.nowMs() - stream.startedAtMs,
        },
        'peer failed',
      );
      if (isShown()) throw lostInTheMiddle(error);
      failures.push({ candidate, error });
    } finally {
      ended();
    }
  }
  throw failureOf(failures, leftOut);
}

/** A name of the owner's own is looked up once: names do not chase each other in circles. */
export function modelOf(asked: string, deps: RouterDeps): string {
  const aliases = deps.aliases();
  return (Object.hasOwn(aliases, asked) ? aliases[asked] : undefined) ?? asked;
}

/** @throws GridError no_peers, no_capable_peer */
export function pick(request: ClientRequest, deps: RouterDeps): Promise<Pick> {
  const { chat } = request;
  return pickFor(
    {
      model: chat.model,
      kind: 'chat',
      inputTokens: request.inputTokens,
      tools: (chat.tools?.length ?? 0) > 0 && chat.tool_choice !== 'none',
      vision: chat.messages.some(
        ({ content }) => Array.isArray(content) && content.some(({ type }) => type === 'image_url'),
      ),
      lossOnV1: lossOnV1(chat),
      warmPeer: deps.memory.warmPeer(request.conversation, deps.nowMs()),
    },
    deps,
  );
}

/** @throws GridError no_peers, no_capable_peer */
export async function pickFor(asked: Omit<Need, 'maxPrice' | 'inFlight'>, deps: RouterDeps): Promise<Pick> {
  const need: Need = {
    ...asked,
    model: modelOf(asked.model, deps),
    maxPrice: deps.maxPrice,
    inFlight: (pubkey) => deps.memory.inFlight(pubkey),
  };
  // A peer that is asleep must not keep waiting who can be served by this machine.
  const near = pickPeers(await deps.roster.fresh({ waitFor: 'own' }), need, deps.nowMs(), deps.random);
  if (near.candidates[0]?.known.peer.source === 'own') return near;
  const found = pickPeers(await deps.roster.fresh(), need, deps.nowMs(), deps.random);
  if (found.candidates.length > 0) return found;
  if (found.ownAnyway) return { ...found, candidates: [found.ownAnyway] };
  // Before giving up, what is known is made new: a worker may have started, or pulled the model, a moment ago.
  const known = await deps.roster.fresh({ force: true });
  if (known.length === 0) throw new GridError('no_peers');
  const again = pickPeers(known, need, deps.nowMs(), deps.random);
  if (again.candidates.length > 0) return again;
  const had = [...new Set(known.flatMap(({ capacity }) => capacity?.models ?? []))].slice(0, 20);
  throw new GridError(
    'no_capable_peer',
    `No reachable peer can serve '${asked.model.slice(0, 80)}'.${had.length > 0 ? ` Reachable: ${had.join(', ')}.` : ''}`,
    { details: { peers: again.leftOut } },
  );
}

/** A client that has seen a part is told why there is no more. */
function lostInTheMiddle(error: GridError): GridError {
  if (error.details['refusal'] !== 'owner_back') return new GridError('peer_lost', undefined, { cause: error });
  return new GridError('peer_lost', 'The owner of the peer needs the machine again, in the middle of this answer.', {
    details: { reason: 'owner_back' },
    cause: error,
  });
}

export function noteFailure(candidate: Candidate, error: GridError, deps: RouterDeps): void {
  if (error.code === 'peer_refused' && HEALTHY_STATUS.has(statusOf(error))) return;
  deps.roster.failed(candidate.known.peer.pubkey, error.message);
}

/** The client hears of 402 and 429 only from its own provider, never for a state of the grid: openclaw disables the key then. */
export function failureOf(failures: readonly Failure[], leftOut: Pick['leftOut']): GridError {
  const errors = failures.map(({ candidate, error }) => ({
    pubkey: candidate.known.peer.pubkey,
    type: error.details['refusal'] ?? error.code,
    message: error.message,
  }));
  const first = failures[0];
  if (first && failures.every(({ error }) => [400, 413].includes(statusOf(error))))
    return new GridError('bad_request', first.error.message, { details: { attempts: failures.length, errors } });
  // A client that tries again, as agents do for minutes after a 5xx, would hear the same.
  if (first && failures.every(({ error }) => statusOf(error) === 402))
    return new GridError('credit_spent', undefined, { details: { attempts: failures.length, errors, leftOut } });
  const last = failures.at(-1)?.error.message ?? '';
  return new GridError(
    'all_peers_failed',
    failures.length === 1
      ? `The only peer for this request failed. ${last}`
      : `All ${failures.length} peers failed. The last: ${last}`,
    { details: { attempts: failures.length, errors, leftOut }, cause: failures.at(-1)?.error },
  );
}

/** A peer that took an order has sent its 200 before it knew: then the status is that of the error it names in the stream. */
function statusOf({ details: { status, refusal } }: GridError): number {
  if (typeof status === 'number') return status;
  return isGridErrorCode(refusal) ? ERRORS[refusal].status : 0;
}
