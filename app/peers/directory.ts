import { formatOverlayAddress, NO_HINTS } from '../protocol/overlay-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { watchFile } from './file-stamp.ts';
import type { Friends } from './friends.ts';
import { mergePeers } from './merge-peers.ts';
import type { Peer } from './peer.ts';
import { peerOf, peersFileText, readPeersFile, type PeerRow, type PeersDisk } from './peers-file.ts';
import type { Refusals } from './refusals.ts';
import type { PeerSource } from './sources/peer-source.ts';

/**
 * Everybody this machine knows of: whom the owner added by hand, and who was found. Reads peers.json again when it changed:
 * the command line edits it beside a running router.
 */
export interface Directory {
  list(): readonly Peer[];
  /** Adds, or replaces the address and label of the same key. Takes back a removal or a block of it. */
  add(peer: { pubkey: Pubkey; url: string; label: string | undefined }): void;
  /** @returns false when the owner has not added this peer */
  rename(pubkey: Pubkey, label: string): boolean;
  /** A key can be blocked that nobody has named yet. @returns false when there was no block to take back */
  setBlocked(pubkey: Pubkey, blocked: boolean): boolean;
  /** Beats every source, now and later. @returns what was removed */
  remove(pubkey: Pubkey): Peer | undefined;
  /** Counts a source in until the returned function is called. */
  connect(source: PeerSource): () => void;
  /** did the owner type this address? Those are dialled wherever they lead */
  isTyped(origin: string): boolean;
}

/** @throws GridError peers_unreadable */
export function openDirectory(
  file: string,
  disk: PeersDisk,
  refusals?: Refusals,
  friends?: Pick<Friends, 'find' | 'stamp'>,
): Directory {
  // Before the file is read: what is written in between is seen as a change.
  const watched = watchFile(file);
  let stamp = watched.stampNow();
  let rows: PeerRow[] = readPeersFile(file);
  let typed: readonly Peer[] = rows.map(peerOf);
  const sources = new Set<PeerSource>();
  let merged: { key: string; typed: readonly Peer[]; peers: readonly Peer[] } | undefined;

  function refresh(now: string): void {
    if (now === stamp) return;
    rows = readPeersFile(file);
    typed = rows.map(peerOf);
    stamp = now; // last: a file that could not be read is looked at again, and never written over
  }

  function save(next: PeerRow[]): void {
    disk.write(file, peersFileText(next));
    rows = next;
    typed = rows.map(peerOf);
    stamp = watched.stampNow();
  }

  function change(pubkey: Pubkey, members: Partial<PeerRow>): boolean {
    return disk.exclusively(file, () => {
      refresh(watched.stampNow());
      if (!rows.some((row) => row.pubkey === pubkey)) return false;
      save(rows.map((row) => (row.pubkey === pubkey ? { ...row, ...members } : row)));
      return true;
    });
  }

  function list(): readonly Peer[] {
    try {
      refresh(watched.stamp());
    } catch {
      // Somebody is editing the file: what was known stays valid until it is readable again. `doctor` names the problem.
    }
    const key = [
      refusals?.stamp(),
      friends?.stamp(),
      ...[...sources].map(({ name, revision }) => `${name} ${revision}`),
    ].join(' ');
    if (merged?.key !== key || merged.typed !== typed) {
      const found = [...sources].map((source) => ({ name: source.name, peers: source.list() }));
      const peers = mergePeers(typed, found, refusals?.list() ?? []);
      merged = { key, typed, peers: friends ? peers.map((peer) => withCircle(peer, friends)) : peers };
    }
    return merged.peers;
  }

  const stranger = (pubkey: Pubkey): Peer | undefined => list().find((peer) => peer.pubkey === pubkey);

  return {
    list,
    add({ pubkey, url, label }) {
      disk.exclusively(file, () => {
        refresh(watched.stampNow());
        const before = rows.find((row) => row.pubkey === pubkey);
        const row: PeerRow = { ...before, pubkey, url };
        if (label !== undefined) row.label = label;
        save([...rows.filter((other) => other !== before), row]);
      });
      refusals?.clear(pubkey);
    },
    rename: (pubkey, label) => change(pubkey, { label }),
    setBlocked(pubkey, blocked) {
      if (change(pubkey, { blocked })) return true;
      if (!refusals) return false;
      const known = stranger(pubkey);
      if (!known && !blocked) return false;
      // Also whom nobody has named yet: somebody who asks this machine need not be a peer of it.
      if (blocked)
        refusals.put(refusalOf(known ?? { pubkey, url: formatOverlayAddress({ pubkey, hints: NO_HINTS }) }, 'blocked'));
      else refusals.clear(pubkey);
      return true;
    },
    remove(pubkey) {
      const known = stranger(pubkey);
      const removed = disk.exclusively(file, () => {
        refresh(watched.stampNow());
        const row = rows.find((other) => other.pubkey === pubkey);
        if (!row) return undefined;
        save(rows.filter((other) => other !== row));
        return peerOf(row);
      });
      const peer = removed ?? known;
      if (peer) refusals?.put(refusalOf(peer, 'removed'));
      return peer;
    },
    connect(source) {
      sources.add(source);
      return () => void sources.delete(source);
    },
    isTyped: (origin) => typed.some(({ url }) => url === origin),
  };
}

function withCircle(peer: Peer, friends: Pick<Friends, 'find'>): Peer {
  const circle = friends.find(peer.pubkey)?.circle;
  return circle ? { ...peer, circle } : peer;
}

function refusalOf(
  { pubkey, url, label }: Pick<Peer, 'pubkey' | 'url'> & { readonly label?: string | undefined },
  state: 'removed' | 'blocked',
) {
  return { pubkey, state, url, ...(label === undefined ? {} : { label: label.slice(0, 120) }) };
}
