import { maxOutputTokensOf } from '../protocol/chat.ts';
import { sha256Hex } from '../protocol/ed25519.ts';
import { issueOrder, type VerifiedOrder } from '../protocol/order.ts';
import { AnswerReader, type AnswerListener } from './answer-reader.ts';
import { firstTokenLimitMs } from './memory.ts';
import { v1Body, wholeBody, type ClientRequest } from './peer-body.ts';
import type { Candidate } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';
import { exchange } from './exchange.ts';

/** An order stays open this long: a receipt that got lost can be asked for. Far below the protocol's 24 h. */
export const ORDER_LIFE_MS = 3600_000;
const KEEP_OPEN_AFTER_MS = 1_000;

/** Takes a piece of an answer: events as they came. Returns what has to be waited for before the next piece. */
export type TakePiece = (piece: Buffer, stream: PeerStream) => Promise<void> | undefined;

/** One request to one peer. */
export interface PeerStream {
  readonly candidate: Candidate;
  readonly order: VerifiedOrder | undefined;
  readonly jobId: string;
  readonly requestBytes: number;
  readonly maxOutputTokens: number;
  readonly startedAtMs: number;
  readonly reader: AnswerReader;
  /**
   * Asks, and hands over the answer up to its `[DONE]`, without heartbeats and receipt. Call once.
   * @throws GridError peer_unreachable, peer_refused, peer_misbehaved, peer_lost; the signal's reason when aborted
   */
  run(take: TakePiece): Promise<void>;
  /** Its receipt is in the ledger: nothing is open any more. */
  settled(): void;
}

/** Signs the order. Nothing is sent before `run`. */
export function createPeerStream(
  candidate: Candidate,
  request: ClientRequest,
  deps: RouterDeps,
  signal: AbortSignal,
  listener?: AnswerListener,
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
  const reader = new AnswerReader(listener);
  const open = order && openOrder(order, deps);
  const stream: PeerStream = {
    candidate,
    order,
    jobId: order?.jobId ?? `v1-${deps.randomHex(12)}`,
    requestBytes: body.length,
    maxOutputTokens,
    startedAtMs,
    reader,
    async run(take) {
      try {
        await exchange(
          stream,
          {
            body,
            requestId: request.requestId,
            firstTokenMs: firstTokenLimitMs(
              request.inputTokens,
              deps.memory.prefillSpeed(peer.pubkey, candidate.model),
            ),
            onFirst: (tookMs) => deps.memory.prefilled(peer.pubkey, candidate.model, request.inputTokens, tookMs),
          },
          deps,
          signal,
          take,
        );
      } catch (error) {
        // What the worker counted for a part of an answer can be asked for later.
        if (reader.begun) open?.keep();
        else open?.forget();
        throw error;
      }
    },
    settled: () => open?.forget(),
  };
  return stream;
}

/**
 * An order is kept on the disk while it is open, so that its receipt can be asked for after a crash. Most are settled before
 * that would be written: one that is open for less than a second costs no commit.
 */
function openOrder(order: VerifiedOrder, deps: RouterDeps): { keep(): void; forget(): void } {
  const keep = (): void => {
    clearTimeout(timer);
    deps.ledger.openOrder(order).catch((error: unknown) => deps.log.warn({ err: error }, 'order not kept'));
  };
  const timer = setTimeout(keep, KEEP_OPEN_AFTER_MS);
  timer.unref();
  return { keep, forget: () => clearTimeout(timer) };
}
