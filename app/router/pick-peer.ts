import { isResting } from '../peers/health.ts';
import type { Peer } from '../peers/peer.ts';
import type { KnownPeer } from '../peers/roster.ts';
import { isEmbeddingModel, TIERS, type Capacity, type Offer } from '../protocol/capacity.ts';
import { FREE_PRICE, V1_PRICE, type Price } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';

/** Whatever the own machine has, else the best of the others. */
export const AUTO_MODEL = 'lobstah/auto';
/** Whatever the own machine has, and nobody else: the prompt does not leave it. */
export const LOCAL_MODEL = 'lobstah/local';
/** Whatever friends and own devices have, and nobody else: no stranger can read the prompt. */
export const FRIENDS_MODEL = 'lobstah/friends';

/** Does this name promise that the prompt stays among those it means? */
export function staysClose(model: string): boolean {
  return model === LOCAL_MODEL || model === FRIENDS_MODEL;
}

export interface Need {
  readonly model: string;
  /** 'embedding' needs a model made for it, 'chat' one that is not */
  readonly kind: 'chat' | 'embedding';
  readonly inputTokens: number;
  readonly tools: boolean;
  readonly vision: boolean;
  /** what a v1 worker would lose */
  readonly lossOnV1: readonly string[];
  readonly maxPrice: Price;
  /** who answered this conversation before, and has its beginning warm */
  readonly warmPeer?: Pubkey | undefined;
  /** requests of this router that a peer works on now; its own word is up to 30 s old */
  readonly inFlight: (pubkey: Pubkey) => number;
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
  /**
   * The own machine, when all it lacks is context or a capability. For when nobody else can serve: its engine then answers, or
   * refuses in words, which tells the owner more than that there is no peer.
   */
  readonly ownAnyway?: Candidate | undefined;
  /** one sentence for each that was left out, for the client's error */
  readonly leftOut: readonly { readonly pubkey: string; readonly reason: string }[];
}

/**
 * Whom to ask, in which order. Left out are those who cannot serve; the rest is ordered by: own machine, own devices, friends, added by
 * hand, found; tier, free place, no
 * failure, warm from this conversation, model loaded. Among equals two are drawn and the one with less to do and the shorter way is
 * asked first (the power of two choices, Mitzenmacher 2001): always taking the best would send everybody to the same peer. Pure.
 */
export function pickPeers(known: readonly KnownPeer[], need: Need, nowMs: number, random: () => number): Pick {
  const ranked: { candidate: Candidate; rank: readonly number[]; cost: number; draw: number }[] = [];
  const leftOut: { pubkey: string; reason: string }[] = [];
  let ownAnyway: Candidate | undefined;
  for (const peer of known) {
    const fit = fitOf(peer, need, nowMs);
    if ('reason' in fit) {
      leftOut.push({ pubkey: peer.peer.pubkey, reason: fit.reason });
      if (peer.peer.source === 'own') ownAnyway = fit.lacking;
    } else ranked.push({ candidate: fit, rank: rankOf(fit, need), cost: costOf(fit, need), draw: random() });
  }
  ranked.sort((a, b) => compareRanks(a.rank, b.rank) || a.draw - b.draw);
  const [first, second] = ranked;
  if (first && second && compareRanks(first.rank, second.rank) === 0 && second.cost < first.cost)
    ranked.splice(0, 2, second, first);
  return { candidates: ranked.map(({ candidate }) => candidate), leftOut, ownAnyway };
}

interface Unfit {
  readonly reason: string;
  /** the model is there and of the right kind; this is who could try with it all the same */
  readonly lacking?: Candidate;
}

function fitOf(known: KnownPeer, need: Need, nowMs: number): Candidate | Unfit {
  const { capacity, health, peer } = known;
  if (!capacity) return { reason: health.problem ?? 'not asked yet' };
  if (isResting(health, nowMs)) return { reason: `rests after failures: ${health.problem ?? 'unknown'}` };
  if (capacity.sharing === 'paused') return { reason: 'is not sharing right now' };
  const takesOrders = capacity.order === 1;
  if (!takesOrders && need.lossOnV1.length > 0)
    return { reason: `runs Lobstah v1, which would lose ${need.lossOnV1.join(', ')}` };
  if (need.model === LOCAL_MODEL && peer.source !== 'own') return { reason: 'is not this machine' };
  if (need.model === FRIENDS_MODEL && !peer.circle) return { reason: 'is neither a friend nor a device of yours' };
  const named = modelsFor(capacity, need.model);
  if (named.length === 0) return { reason: `does not have ${need.model}` };
  const models = named.filter((name) => isOfKind(offerOf(capacity, name), need.kind));
  const [asked] = models;
  if (asked === undefined)
    return { reason: need.kind === 'chat' ? 'has only embeddings there' : `makes no embeddings with ${need.model}` };
  const own = peer.source === 'own';
  const model = models.find((name) => lackOf(capacity, name, need, own) === undefined);
  const candidate = (name: string): Candidate => {
    // Also where the device does not know yet that it is one, and then refuses: what is free is never paid for by mistake.
    const price = peer.circle === 'device' ? FREE_PRICE : (offerOf(capacity, name)?.price ?? V1_PRICE);
    return { known, capacity, model: name, price, takesOrders };
  };
  if (model === undefined) return { reason: lackOf(capacity, asked, need, own) ?? '', lacking: candidate(asked) };
  const fit = candidate(model);
  if (!own && (fit.price.input > need.maxPrice.input || fit.price.output > need.maxPrice.output))
    return { reason: 'asks more than you pay' };
  return fit;
}

/** The models of a peer that an asked name may mean, best first. */
function modelsFor(capacity: Capacity, asked: string): readonly string[] {
  if (asked === AUTO_MODEL || staysClose(asked)) {
    const isLoaded = (name: string) => offerOf(capacity, name)?.loaded === true;
    return [...capacity.models.filter(isLoaded), ...capacity.models.filter((name) => !isLoaded(name))];
  }
  return capacity.models.filter((name) => name === asked || name === `${asked}:latest`);
}

/** Of a peer that does not tell, a model is taken for one that chats. */
function isOfKind(offer: Offer | undefined, kind: Need['kind']): boolean {
  return isEmbeddingModel(offer ?? {}) === (kind === 'embedding');
}

/** Our estimate of the prompt may be wrong by so much; the own machine may try, it costs nobody else. */
const OWN_MARGIN = 1.3;

/** What this model lacks for this request, in words. Of peers that do not tell, nothing is known to be lacking. */
function lackOf(capacity: Capacity, model: string, need: Need, own: boolean): string | undefined {
  const offer = offerOf(capacity, model);
  if (!offer) return undefined;
  const { contextLength, capabilities } = offer;
  if (contextLength !== undefined && need.inputTokens > contextLength * (own ? OWN_MARGIN : 1))
    return `its ${model} takes ${contextLength} tokens, the prompt has about ${need.inputTokens}`;
  if (need.tools && !capabilities.includes('tools')) return `its ${model} cannot use tools`;
  if (need.vision && !capabilities.includes('vision')) return `its ${model} cannot see images`;
  return undefined;
}

function offerOf(capacity: Capacity, model: string): Offer | undefined {
  return capacity.offers?.find((offer) => offer.model === model);
}

/**
 * Who answers can read the prompt: the own machine, then own devices, friends, whom the owner added by hand, and last the
 * strangers that sources found.
 */
function distanceOf({ source, circle }: Peer): number {
  if (source === 'own') return 0;
  if (circle) return circle === 'device' ? 1 : 2;
  return source === 'static' ? 3 : 4;
}

function rankOf({ known, capacity, model }: Candidate, need: Need): readonly number[] {
  const load = loadOf(known, capacity, need);
  return [
    distanceOf(known.peer),
    TIERS.indexOf(capacity.tier),
    load < 1 ? 0 : load,
    known.health.failures,
    known.peer.pubkey === need.warmPeer ? 0 : 1,
    offerOf(capacity, model)?.loaded === false ? 1 : 0,
  ];
}

/** requests for each place: 1 means that the next one waits */
function loadOf({ peer }: KnownPeer, capacity: Capacity, need: Need): number {
  return Math.max(capacity.queueDepth, need.inFlight(peer.pubkey)) / capacity.concurrency;
}

/** An unknown way is taken for a middling one, so that new peers are tried. */
const UNKNOWN_LATENCY_MS = 50;

function costOf({ known, capacity }: Candidate, need: Need): number {
  return (known.health.latencyMs ?? UNKNOWN_LATENCY_MS) * (1 + loadOf(known, capacity, need));
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  for (const [index, value] of a.entries()) {
    const difference = value - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
