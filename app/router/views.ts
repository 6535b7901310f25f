import type { RequestHandler } from 'express';
import { isResting } from '../peers/health.ts';
import type { PeerPath } from '../peers/peer-path.ts';
import { addressesOf } from '../peers/peer.ts';
import type { KnownPeer } from '../peers/roster.ts';
import { GridError } from '../protocol/errors.ts';
import { MICRO_PER_CREDIT } from '../protocol/price.ts';
import type { RouterDeps } from './router-deps.ts';

/** GET /peers */
export function peers(deps: RouterDeps): RequestHandler {
  return async (_request, response) => {
    await deps.roster.fresh();
    const known = deps.roster.known();
    response.json({
      count: known.length,
      peers: known.map((peer) => peerJson(peer, deps.pathOf(peer.peer), deps.nowMs())),
    });
  };
}

function peerJson({ peer, capacity, health }: KnownPeer, path: PeerPath, nowMs: number): object {
  return {
    pubkey: peer.pubkey,
    url: peer.url,
    path: path.kind,
    rttMs: path.rttMs ?? null,
    ...(peer.label === undefined ? {} : { label: peer.label }),
    own: peer.source === 'own',
    circle: peer.circle ?? null,
    sources: [...(peer.source === 'static' ? ['static'] : []), ...(peer.found?.sources ?? [])],
    addresses: addressesOf(peer),
    announcedAtMs: peer.found?.announcedAtMs ?? null,
    state: peer.blocked ? 'blocked' : isResting(health, nowMs) ? 'resting' : capacity ? 'reachable' : 'unreachable',
    ...(health.problem === undefined ? {} : { problem: health.problem }),
    models: capacity?.models ?? [],
    ...(capacity?.sharing ? { sharing: capacity.sharing } : {}),
    order: capacity?.order === 1,
    latencyMs: health.latencyMs === undefined ? null : Math.round(health.latencyMs * 10) / 10,
  };
}

/** Tokens, as v1 counts them: 1 token = 1 credit at the v1 price. */
const tokens = (micro: number) => Math.round(micro / MICRO_PER_CREDIT);

/**
 * GET /balance. v1's members with v1's arithmetic (available = allowance + net), though no key is given an allowance here;
 * `tabs` says with whom credit stands, which is the truth: there is no global balance.
 */
export function balance(deps: RouterDeps): RequestHandler {
  return (_request, response) => {
    const tabs = deps.ledger.tabs();
    const totals = deps.ledger.totals();
    const earned = tokens(totals.earnedMicro);
    const spent = tokens(totals.spentMicro);
    response.json({
      pubkey: deps.signer.pubkey,
      totals: { earned, spent, net: earned - spent, receipts: totals.jobs },
      self: { earned, spent, net: earned - spent, allowance: 0, available: earned - spent },
      perPeer: tabs.map((tab) => ({
        pubkey: tab.pubkey,
        earned: tokens(tab.earnedMicro),
        spent: tokens(tab.spentMicro),
        net: tokens(tab.balanceMicro),
      })),
      bootstrapAllowance: 0,
      ownTokens: totals.ownTokens,
      given: tokens(totals.givenMicro),
      tabs: tabs.map((tab) => ({
        pubkey: tab.pubkey,
        balanceMicro: tab.balanceMicro,
        earnedMicro: tab.earnedMicro,
        spentMicro: tab.spentMicro,
        lastAtMs: tab.lastAtMs,
      })),
    });
  };
}

const DEFAULT_LEDGER_LIMIT = 50;
const MAX_LEDGER_LIMIT = 1000;

/** GET /ledger?limit=: newest first */
export function ledger(deps: RouterDeps): RequestHandler {
  return (request, response) => {
    const asked = request.query['limit'] ?? String(DEFAULT_LEDGER_LIMIT);
    const limit = typeof asked === 'string' && /^\d{1,6}$/.test(asked) ? Number(asked) : NaN;
    if (!(limit >= 1 && limit <= MAX_LEDGER_LIMIT))
      throw new GridError('bad_request', `'limit' must be a number from 1 to ${MAX_LEDGER_LIMIT}.`, {
        details: { param: 'limit' },
      });
    const entries = deps.ledger.entries({ limit }).map(({ receiptJson, orderJson, ...entry }) => ({
      ...entry,
      receipt: receiptJson === undefined ? null : (JSON.parse(receiptJson) as unknown),
      order: orderJson === undefined ? null : (JSON.parse(orderJson) as unknown),
    }));
    response.json({ count: entries.length, entries });
  };
}
