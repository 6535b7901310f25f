import type { Pubkey } from '../protocol/pubkey.ts';
import type { FoundFacts, Peer } from './peer.ts';
import type { Refusal } from './refusals.ts';
import type { FoundPeer, FoundSourceName } from './sources/peer-source.ts';

/**
 * One list out of what the owner typed, what was found, and whom the owner does not want. The owner's word beats every
 * source: a removed peer is not there, a blocked one is blocked, an address typed by hand comes first. Pure.
 */
export function mergePeers(
  typed: readonly Peer[],
  found: readonly { readonly name: FoundSourceName; readonly peers: readonly FoundPeer[] }[],
  refusals: readonly Refusal[],
): readonly Peer[] {
  const facts = new Map<Pubkey, { source: FoundSourceName; newest: FoundPeer; facts: FoundFacts }>();
  for (const { name, peers } of found)
    for (const peer of peers) {
      const known = facts.get(peer.pubkey);
      facts.set(
        peer.pubkey,
        known ? withAnother(known, name, peer) : { source: name, newest: peer, facts: factsOf(name, peer) },
      );
    }
  const merged = new Map<Pubkey, Peer>();
  for (const peer of typed) {
    const heard = facts.get(peer.pubkey);
    merged.set(peer.pubkey, heard ? { ...peer, found: heard.facts } : peer);
  }
  const refused = new Map(refusals.map((refusal) => [refusal.pubkey, refusal]));
  for (const [pubkey, { source, newest, facts: found }] of facts)
    if (!merged.has(pubkey) && !refused.has(pubkey))
      merged.set(pubkey, { pubkey, url: newest.url, label: newest.label, blocked: false, source, found });
  for (const { pubkey, state, url, label } of refusals)
    if (state === 'blocked' && !merged.has(pubkey)) {
      const heard = facts.get(pubkey);
      merged.set(pubkey, {
        pubkey,
        url,
        label,
        blocked: true,
        source: heard?.source ?? 'tracker',
        found: heard?.facts,
      });
    }
  return [...merged.values()];
}

function factsOf(name: FoundSourceName, peer: FoundPeer): FoundFacts {
  const { url, models, announcedAtMs, ttlSeconds } = peer;
  return { sources: [name], urls: [url], models, announcedAtMs, ttlSeconds };
}

function withAnother(
  known: { source: FoundSourceName; newest: FoundPeer; facts: FoundFacts },
  name: FoundSourceName,
  peer: FoundPeer,
) {
  const isNewer = peer.announcedAtMs > known.newest.announcedAtMs;
  const newest = isNewer ? peer : known.newest;
  const urls = isNewer ? [peer.url, ...known.facts.urls] : [...known.facts.urls, peer.url];
  return {
    source: known.source,
    newest,
    facts: {
      ...factsOf(name, newest),
      sources: [...new Set([...known.facts.sources, name])],
      urls: [...new Set(urls)],
    },
  };
}
