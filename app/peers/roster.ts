import type { Capacity } from '../protocol/capacity.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { Directory } from './directory.ts';
import { afterFailure, afterSuccess, UNKNOWN_HEALTH, type Health } from './health.ts';
import { addressesOf, type Peer } from './peer.ts';
import { probe, type ProbeDeps } from './probe.ts';

/** v1: what a peer said it can do is believed for 30 s. The own engine is asked more often: it is next door. */
const CAPACITY_FRESH_MS = 30_000;
const OWN_CAPACITY_FRESH_MS = 2_000;
/** Who did not answer is asked again soon, beside the request, so that a worker that just started is found. */
const SILENCE_FRESH_MS = 5_000;
/** A stale answer still chooses a peer while a new one is fetched beside it; an older one is waited for. */
const CAPACITY_USABLE_MS = 5 * 60_000;

/** Strangers come and go for months; what was known of those long gone is let go. */
const MAX_RECORDS = 2_000;

export interface KnownPeer {
  readonly peer: Peer;
  readonly capacity: Capacity | undefined;
  readonly health: Health;
}

/** The directory with what is known of each peer right now. */
export interface Roster {
  /** Everybody, as known; asks nobody. */
  known(): readonly KnownPeer[];
  /**
   * Everybody who is not blocked; those never asked or long not asked are asked first (in parallel, two seconds at most).
   * `waitFor: 'own'` waits for the own machine only: the others are asked beside.
   */
  fresh(options?: { force?: boolean; waitFor?: 'own' | 'all' }): Promise<readonly KnownPeer[]>;
  check(pubkey: Pubkey): Promise<KnownPeer | undefined>;
  succeeded(pubkey: Pubkey, latencyMs: number | undefined): void;
  failed(pubkey: Pubkey, problem: string): void;
}

interface PeerRecord {
  /** of its addresses, the one that answered last */
  url: string;
  capacity: Capacity | undefined;
  health: Health;
  askedAtMs: number;
  asking: Promise<void> | undefined;
}

export function createRoster(
  deps: ProbeDeps & { directory: Directory; own: () => Peer | undefined; onChange: () => void },
): Roster {
  const records = new Map<string, PeerRecord>();
  const byPeer = new WeakMap<Peer, PeerRecord>();
  let merged: { list?: readonly Peer[]; own?: Peer | undefined; peers: readonly Peer[] } = { peers: [] };

  /** One record a key and set of addresses: a peer that moved starts anew. */
  function recordOf(peer: Peer): PeerRecord {
    const known = byPeer.get(peer);
    if (known) return known;
    const key = `${peer.pubkey} ${addressesOf(peer).join(' ')}`;
    let record = records.get(key);
    if (!record) {
      if (records.size >= MAX_RECORDS) dropOldest(records);
      record = { url: peer.url, capacity: undefined, health: UNKNOWN_HEALTH, askedAtMs: -Infinity, asking: undefined };
      records.set(key, record);
    }
    byPeer.set(peer, record);
    return record;
  }

  /** Its addresses one after the other, the one that answered last first. */
  async function probeAny(peer: Peer, record: PeerRecord): ReturnType<typeof probe> {
    const urls = [...new Set([record.url, ...addressesOf(peer)])];
    for (const [index, url] of urls.entries())
      try {
        const answer = await probe({ ...peer, url }, deps);
        record.url = url;
        return answer;
      } catch (error) {
        if (index === urls.length - 1) throw error;
      }
    throw new GridError('peer_unreachable');
  }

  /** The same array until somebody comes, goes or moves: it is looked at several times in each request. */
  function peers(): readonly Peer[] {
    const list = deps.directory.list();
    const own = deps.own();
    if (list === merged.list && own?.url === merged.own?.url) return merged.peers;
    const others = list.filter(({ pubkey }) => pubkey !== own?.pubkey && pubkey !== deps.signer.pubkey);
    merged = { list, own, peers: own ? [own, ...others] : others };
    return merged.peers;
  }

  function ask(peer: Peer, record: PeerRecord): Promise<void> {
    record.asking ??= probeAny(peer, record)
      .then(
        ({ capacity, latencyMs }) => {
          record.capacity = capacity;
          record.health = afterSuccess(record.health, latencyMs, deps.nowMs());
        },
        (error: unknown) => {
          record.capacity = undefined;
          record.health = { ...record.health, problem: asGridError(error, 'peer_unreachable').message };
        },
      )
      .then(() => {
        record.askedAtMs = deps.nowMs();
        record.asking = undefined;
        deps.onChange();
      });
    return record.asking;
  }

  /** @returns what has to be waited for, if this peer has to be */
  function refresh(peer: Peer, force: boolean): Promise<void> | undefined {
    const record = recordOf(peer);
    const age = Math.abs(deps.nowMs() - record.askedAtMs); // a clock may be set back
    const freshMs =
      peer.source === 'own' ? OWN_CAPACITY_FRESH_MS : record.capacity ? CAPACITY_FRESH_MS : SILENCE_FRESH_MS;
    if (!force && age < freshMs) return undefined;
    // What is being asked right now may have been answered before whatever it is that is looked for.
    const asked = force && record.asking ? record.asking.then(() => ask(peer, record)) : ask(peer, record);
    return force || age > CAPACITY_USABLE_MS || peer.source === 'own' ? asked : undefined;
  }

  const view = (peer: Peer): KnownPeer => {
    const { capacity, health, url } = recordOf(peer);
    return { peer: url === peer.url ? peer : { ...peer, url }, capacity, health };
  };
  const find = (pubkey: Pubkey) => peers().find((peer) => peer.pubkey === pubkey);

  return {
    known: () => peers().map(view),
    async fresh({ force = false, waitFor = 'all' } = {}) {
      const usable = peers().filter(({ blocked }) => !blocked);
      const waiting: Promise<void>[] = [];
      for (const peer of usable) {
        const answered = refresh(peer, force);
        if (answered && (waitFor === 'all' || peer.source === 'own')) waiting.push(answered);
      }
      // None of them fails: what went wrong is in the record.
      if (waiting.length > 0) await Promise.all(waiting);
      return usable.map(view);
    },
    async check(pubkey) {
      const peer = find(pubkey);
      if (!peer) return undefined;
      await ask(peer, recordOf(peer));
      return view(peer);
    },
    succeeded(pubkey, latencyMs) {
      const peer = find(pubkey);
      if (!peer) return;
      const record = recordOf(peer);
      record.health = afterSuccess(record.health, latencyMs, deps.nowMs());
    },
    failed(pubkey, problem) {
      const peer = find(pubkey);
      if (!peer) return;
      const record = recordOf(peer);
      record.health = afterFailure(record.health, problem, deps.nowMs());
      deps.onChange();
    },
  };
}

/** Maps keep the order of insertion. */
function dropOldest(records: Map<string, PeerRecord>): void {
  for (const [key, { asking }] of records)
    if (!asking) {
      records.delete(key);
      return;
    }
}
