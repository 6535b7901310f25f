import type { Pubkey } from '../../protocol/pubkey.ts';
import { MAX_STRANGERS, type FoundPeer, type FoundSourceName, type PeerSource } from './peer-source.ts';

/** The list of one place in memory: whatever finds peers puts them in, the directory reads them. */
export interface FoundList extends PeerSource {
  /** Everybody that one origin (one tracker, one relay) knows now: replaces what it knew before. */
  replace(origin: string, peers: readonly FoundPeer[]): void;
  /** That origin is no longer asked. */
  forget(origin: string): void;
}

export function createFoundList(deps: { name: FoundSourceName; nowMs: () => number; onChange: () => void }): FoundList {
  const origins = new Map<string, readonly FoundPeer[]>();
  let merged: readonly FoundPeer[] = [];
  let revision = 0;
  let nextEndMs = Infinity;

  function merge(): void {
    const nowMs = deps.nowMs();
    const newest = new Map<Pubkey, FoundPeer>();
    for (const peers of origins.values())
      for (const peer of peers) {
        const known = newest.get(peer.pubkey);
        if (peer.keptUntilMs > nowMs && (!known || known.announcedAtMs < peer.announcedAtMs))
          newest.set(peer.pubkey, peer);
      }
    merged = [...newest.values()].slice(0, MAX_STRANGERS);
    nextEndMs = Math.min(...merged.map(({ keptUntilMs }) => keptUntilMs));
    revision += 1;
  }

  function changed(): void {
    merge();
    deps.onChange();
  }

  function refresh(): void {
    if (deps.nowMs() >= nextEndMs) merge();
  }

  return {
    name: deps.name,
    list() {
      refresh();
      return merged;
    },
    get revision() {
      refresh();
      return revision;
    },
    replace(origin, peers) {
      // Never more than can be shown: the rest would only be held.
      origins.set(origin, peers.slice(0, MAX_STRANGERS));
      changed();
    },
    forget(origin) {
      if (origins.delete(origin)) changed();
    },
  };
}
