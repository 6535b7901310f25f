import type { Pubkey } from '../protocol/pubkey.ts';
import { watchFile } from './file-stamp.ts';
import type { Peer } from './peer.ts';
import { peerOf, peersFileText, readPeersFile, type PeerRow } from './peers-file.ts';

/** Everybody this machine knows of. Reads peers.json again when it changed: the command line edits it beside a running router. */
export interface Directory {
  list(): readonly Peer[];
  /** Adds, or replaces the address and label of the same key. */
  add(peer: { pubkey: Pubkey; url: string; label: string | undefined }): void;
  rename(pubkey: Pubkey, label: string): boolean;
  setBlocked(pubkey: Pubkey, blocked: boolean): boolean;
  /** @returns what was removed */
  remove(pubkey: Pubkey): Peer | undefined;
}

/** How peers.json is changed; handed in, because the disk is the runtime's business. */
export interface PeersDisk {
  /** replaces a file whole or not at all */
  write(file: string, text: string): void;
  /** runs the work while no other process does such work on the same file */
  exclusively<Result>(file: string, work: () => Result): Result;
}

/** @throws GridError peers_unreadable */
export function openDirectory(file: string, disk: PeersDisk): Directory {
  // Before the file is read: what is written in between is seen as a change.
  const watched = watchFile(file);
  let stamp = watched.stampNow();
  let rows: PeerRow[] = readPeersFile(file);
  let peers: readonly Peer[] = rows.map(peerOf);

  function refresh(now: string): void {
    if (now === stamp) return;
    rows = readPeersFile(file);
    peers = rows.map(peerOf);
    stamp = now; // last: a file that could not be read is looked at again, and never written over
  }

  function save(next: PeerRow[]): void {
    disk.write(file, peersFileText(next));
    rows = next;
    peers = rows.map(peerOf);
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

  return {
    list() {
      try {
        refresh(watched.stamp());
      } catch {
        // Somebody is editing the file: what was known stays valid until it is readable again. `doctor` names the problem.
      }
      return peers;
    },
    add({ pubkey, url, label }) {
      disk.exclusively(file, () => {
        refresh(watched.stampNow());
        const before = rows.find((row) => row.pubkey === pubkey);
        const row: PeerRow = { ...before, pubkey, url };
        if (label !== undefined) row.label = label;
        save([...rows.filter((other) => other !== before), row]);
      });
    },
    rename: (pubkey, label) => change(pubkey, { label }),
    setBlocked: (pubkey, blocked) => change(pubkey, { blocked }),
    remove(pubkey) {
      return disk.exclusively(file, () => {
        refresh(watched.stampNow());
        const row = rows.find((other) => other.pubkey === pubkey);
        if (!row) return undefined;
        save(rows.filter((other) => other !== row));
        return peerOf(row);
      });
    },
  };
}
