import type { Dispatcher } from 'undici';
import type { AddressPolicy } from '../http/public-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { chooseStrangers } from './choose-strangers.ts';
import { judgeList, type Refused } from './judge-announced.ts';
import type { Peer } from './peer.ts';
import type { FoundPeer } from './sources/peer-source.ts';
import { fetchList } from './tracker-client.ts';

export interface SyncReport {
  readonly added: readonly FoundPeer[];
  readonly updated: readonly FoundPeer[];
  /** known as they are */
  readonly unchanged: readonly FoundPeer[];
  readonly refused: readonly Refused[];
  /** verified, but more than are kept of strangers */
  readonly beyond: number;
  /** what is kept, as it was signed */
  readonly signed: readonly unknown[];
}

/**
 * Reads a tracker once and judges every entry. Changes nothing.
 * @throws GridError tracker_unreachable, tracker_misbehaved
 */
export async function syncOnce(
  tracker: string,
  deps: {
    dispatcher: Dispatcher;
    known: readonly Peer[];
    isRefused: (pubkey: Pubkey) => boolean;
    policy: AddressPolicy;
    ownPubkey: Pubkey;
    nowMs: () => number;
    random: () => number;
    signal: AbortSignal;
  },
): Promise<SyncReport> {
  const list = await fetchList(tracker, deps);
  const entries = list?.peers ?? [];
  const judged = await judgeList(entries, { ...deps, nowMs: deps.nowMs() });
  const unwanted = judged.peers.filter(({ pubkey }) => deps.isRefused(pubkey));
  const wanted = judged.peers.filter(({ pubkey }) => !deps.isRefused(pubkey));
  const known = new Map(deps.known.map((peer) => [peer.pubkey, peer]));
  const kept = chooseStrangers(wanted, new Set(known.keys()), deps.random);
  const keptUrls = new Map(kept.map((peer) => [peer.pubkey as string, peer]));
  const isKnownAs = ({ pubkey, url }: FoundPeer) => known.get(pubkey)?.found?.urls.includes(url) ?? false;
  return {
    added: kept.filter(({ pubkey }) => !known.has(pubkey)),
    updated: kept.filter((peer) => known.has(peer.pubkey) && !isKnownAs(peer)),
    unchanged: kept.filter(isKnownAs),
    refused: [...judged.refused, ...unwanted.map(({ pubkey }) => ({ pubkey, reason: 'removed or blocked by you' }))],
    beyond: wanted.length - kept.length,
    signed: entries.filter((entry) => isSignedBy(entry, keptUrls)),
  };
}

/** The same entry as was judged: of several of one key only the newest was kept. */
function isSignedBy(entry: unknown, kept: ReadonlyMap<string, FoundPeer>): boolean {
  const { announcement } = (entry ?? {}) as { announcement?: { pubkey?: string; announcedAt?: number } };
  const peer = kept.get(announcement?.pubkey ?? '');
  return peer !== undefined && peer.announcedAtMs === announcement?.announcedAt;
}
