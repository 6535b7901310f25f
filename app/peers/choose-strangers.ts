import type { Pubkey } from '../protocol/pubkey.ts';
import { MAX_STRANGERS, type FoundPeer } from './sources/peer-source.ts';

/**
 * Which of a long list are kept: those that were kept before, so that a conversation finds its peer again, and then by
 * chance, so that no tracker decides it by its order alone. Pure.
 */
export function chooseStrangers(
  peers: readonly FoundPeer[],
  keptBefore: ReadonlySet<Pubkey>,
  random: () => number,
): readonly FoundPeer[] {
  if (peers.length <= MAX_STRANGERS) return peers;
  return peers
    .map((peer) => ({ peer, rank: keptBefore.has(peer.pubkey) ? -1 : random() }))
    .sort((a, b) => a.rank - b.rank)
    .slice(0, MAX_STRANGERS)
    .map(({ peer }) => peer);
}
