import type { Request, RequestHandler } from 'express';
import { createBuckets } from '../http/buckets.ts';
import { networkOf } from '../http/client-network.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { provenKeyOf } from '../http/proven-key.ts';
import { GridError } from '../protocol/errors.ts';
import { issueRedeemAnswer, verifyRedeem } from '../protocol/redeem.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** Whoever waits to be confirmed asks every few seconds; whoever guesses secrets of 128 bits gets nowhere at this rate. */
const PER_NETWORK = { burst: 20, perMinute: 30 };
const IN_ALL = { burst: 60, perMinute: 120 };

/** Longer than any message of this kind. */
export const MAX_REDEEM_BYTES = 8 * 1024;

/**
 * POST /v1/friends/redeem: shows the proof of an invite, and asks what became of it. Asking twice changes nothing, so a copy
 * that somebody sends again changes nothing either.
 */
export function redeemInvite(deps: WorkerDeps): RequestHandler {
  const perNetwork = createBuckets(PER_NETWORK);
  const inAll = createBuckets(IN_ALL);

  function limit(request: Request, nowMs: number): void {
    const waitMs =
      perNetwork.take(provenKeyOf(request) ?? networkOf(request.socket.remoteAddress ?? ''), nowMs) ||
      inAll.take('everybody', nowMs);
    if (waitMs > 0)
      throw new GridError('rate_limited', undefined, { details: { retryAfterSeconds: Math.ceil(waitMs / 1000) } });
  }

  return (request, response) => {
    const nowMs = deps.nowMs();
    limit(request, nowMs);
    const redeem = verifyRedeem(parseJsonBody(request.body), { inviterPubkey: deps.signer.pubkey, nowMs });
    if (!redeem) throw new GridError('invite_invalid', 'This is not a signed and fresh message for this machine.');
    const { requesterPubkey } = redeem.redeem;
    if ((provenKeyOf(request) ?? requesterPubkey) !== requesterPubkey) throw new GridError('requester_mismatch');
    if (deps.isBlocked(requesterPubkey)) throw new GridError('invite_invalid');
    const state = deps.friends.redeem(redeem, nowMs);
    deps.log.info({ inviteId: redeem.redeem.inviteId, requesterPubkey, state }, 'invite redeemed');
    response.json(issueRedeemAnswer(redeem, state, deps.signer));
  };
}
