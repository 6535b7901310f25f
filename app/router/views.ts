import type { RequestHandler } from 'express';
import { isResting } from '../peers/health.ts';
import type { PeerPath } from '../peers/peer-path.ts';
import { addressesOf } from '../peers/peer.ts';
import type { KnownPeer } from '../peers/roster.ts';
import { GridError } from '../protocol/errors.ts';
import { MICRO_PER_CREDIT } from '../protocol/price.ts';
import { AUTO_MODEL, FRIENDS_MODEL, LOCAL_MODEL } from './pick-peer.ts';
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

const OWN = 'this machine';

interface ModelRow {
  readonly id: string;
  readonly object: 'model';
  readonly created: 0;
  readonly owned_by: string;
  readonly context_length?: number;
  readonly capabilities?: readonly string[];
  /** of an alias: what it stands for */
  readonly root?: string;
}

/**
 * What the best of several can do: one of them is picked for each request. Those who ask what fits bring tools, mostly: so the
 * promise is that of the models that can use them, where there are any.
 */
function aliasRow(id: string, rows: readonly ModelRow[]): ModelRow {
  const handy = rows.filter(({ capabilities }) => capabilities?.includes('tools'));
  const models = handy.length > 0 ? handy : rows;
  const contexts = models.flatMap(({ context_length }) => context_length ?? []);
  return {
    id,
    object: 'model',
    created: 0,
    owned_by: 'lobstah',
    ...(contexts.length > 0 ? { context_length: Math.max(...contexts) } : {}),
    capabilities: [...new Set(models.flatMap(({ capabilities }) => capabilities ?? []))],
  };
}

/** GET /v1/models: everything that can be asked for right now, in OpenAI's shape with context and capabilities added. */
export function models(deps: RouterDeps): RequestHandler {
  return async (_request, response) => {
    const found = new Map<string, ModelRow>();
    const close: ModelRow[] = [];
    for (const { peer, capacity } of await deps.roster.fresh()) {
      if (!capacity || capacity.sharing === 'paused') continue;
      for (const name of capacity.models) {
        if (found.has(name) && !peer.circle) continue;
        const offer = capacity.offers?.find(({ model }) => model === name);
        const row: ModelRow = {
          id: name,
          object: 'model',
          created: 0,
          owned_by: peer.source === 'own' ? OWN : (peer.label ?? peer.pubkey),
          ...(offer?.contextLength === undefined ? {} : { context_length: offer.contextLength }),
          ...(offer ? { capabilities: offer.capabilities } : {}),
        };
        if (peer.circle) close.push(row);
        if (!found.has(name)) found.set(name, row);
      }
    }
    const chats = ({ capabilities }: ModelRow) => !capabilities?.includes('embedding');
    const all = [...found.values()].filter(chats);
    const friends = close.filter(chats);
    const own = all.filter(({ owned_by }) => owned_by === OWN);
    if (all.length > 0) found.set(AUTO_MODEL, aliasRow(AUTO_MODEL, all));
    if (own.length > 0) found.set(LOCAL_MODEL, aliasRow(LOCAL_MODEL, own));
    if (friends.length > 0) found.set(FRIENDS_MODEL, aliasRow(FRIENDS_MODEL, friends));
    for (const [alias, name] of Object.entries(deps.aliases())) {
      const row = found.get(name) ?? found.get(`${name}:latest`);
      if (row && !found.has(alias)) found.set(alias, { ...row, id: alias, root: name });
    }
    response.json({ object: 'list', data: [...found.values()] });
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
