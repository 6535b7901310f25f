import { isResting } from '../peers/health.ts';
import type { Peer } from '../peers/peer.ts';
import type { KnownPeer } from '../peers/roster.ts';
import { TIERS, type Capacity, type Offer } from '../protocol/capacity.ts';
import { V1_PRICE, type Price } from '../protocol/price.ts';

/** Whatever the own machine has, else the best of the others. */
export const AUTO_MODEL = 'lobstah/auto';

export interface Need {
  readonly model: string;
  readonly inputTokens: number;
  readonly tools: boolean;
  readonly vision: boolean;
  /** what a v1 worker would lose */
  readonly lossOnV1: readonly string[];
  readonly maxPrice: Price;
}

/** A peer that can serve, and under which name it has the model. */
export interface Candidate {
  readonly known: KnownPeer;
  readonly capacity: Capacity;
  readonly model: string;
  readonly price: Price;
  readonly takesOrders: boolean;
}

export interface Pick {
  /** best first */
  readonly candidates: readonly Candidate[];
  /** one sentence for each that was left out, for the client's error */
  readonly leftOut: readonly { readonly pubkey: string; readonly reason: string }[];
}

/**
 * Whom to ask, in which order. Left out are those who cannot serve; the rest is ordered by: own machine, added by hand, found; tier, model has what
 * the request uses, free place, rested, model loaded, latency in steps of 20 ms, chance. Pure.
 */
export function pickPeers(known: readonly KnownPeer[], need: Need, nowMs: number, random: () => number): Pick {
  const candidates: { candidate: Candidate; rank: readonly number[] }[] = [];
  const leftOut: { pubkey: string; reason: string }[] = [];
  for (const peer of known) {
    const fit = fitOf(peer, need, nowMs);
    if (typeof fit === 'string') leftOut.push({ pubkey: peer.peer.pubkey, reason: fit });
    else candidates.push({ candidate: fit, rank: rankOf(fit, need, random) });
  }
  candidates.sort((a, b) => compareRanks(a.rank, b.rank));
  return { candidates: candidates.map(({ candidate }) => candidate), leftOut };
}

function fitOf(known: KnownPeer, need: Need, nowMs: number): Candidate | string {
  const { capacity, health, peer } = known;
  if (!capacity) return health.problem ?? 'not asked yet';
  if (isResting(health, nowMs)) return `rests after failures: ${health.problem ?? 'unknown'}`;
  if (capacity.sharing === 'paused') return 'is not sharing right now';
  const takesOrders = capacity.order === 1;
  if (!takesOrders && need.lossOnV1.length > 0) return `runs Lobstah v1, which would lose ${need.lossOnV1.join(', ')}`;
  const model = findModel(capacity, need.model);
  if (model === undefined) return `does not have ${need.model}`;
  const offer = offerOf(capacity, model);
  if (offer?.contextLength !== undefined && need.inputTokens > offer.contextLength && peer.source !== 'own')
    return `its ${model} takes ${offer.contextLength} tokens, the prompt has about ${need.inputTokens}`;
  const price = offer?.price ?? V1_PRICE;
  if (peer.source !== 'own' && (price.input > need.maxPrice.input || price.output > need.maxPrice.output))
    return 'asks more than you pay';
  return { known, capacity, model, price, takesOrders };
}

function findModel(capacity: Capacity, asked: string): string | undefined {
  if (asked === AUTO_MODEL)
    return (capacity.offers?.find(({ loaded }) => loaded)?.model ?? capacity.models[0]) || undefined;
  return capacity.models.find((name) => name === asked) ?? capacity.models.find((name) => name === `${asked}:latest`);
}

function offerOf(capacity: Capacity, model: string): Offer | undefined {
  return capacity.offers?.find((offer) => offer.model === model);
}

/** Who answers can read the prompt: the own machine, then whom the owner added, then strangers that sources found. */
const TRUST: Partial<Record<Peer['source'], number>> = { own: 0, static: 1 };
const STRANGER = 2;

function rankOf({ known, capacity, model }: Candidate, need: Need, random: () => number): readonly number[] {
  const offer = offerOf(capacity, model);
  const lacks = (wanted: boolean, capability: 'tools' | 'vision') =>
    wanted && offer !== undefined && !offer.capabilities.includes(capability) ? 1 : 0;
  return [
    TRUST[known.peer.source] ?? STRANGER,
    TIERS.indexOf(capacity.tier),
    lacks(need.tools, 'tools') + lacks(need.vision, 'vision'),
    capacity.queueDepth < capacity.concurrency ? 0 : capacity.queueDepth / capacity.concurrency,
    known.health.failures,
    offer?.loaded === false ? 1 : 0,
    Math.floor((known.health.latencyMs ?? 0) / 20),
    random(),
  ];
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
