import { statSync } from 'node:fs';
import type { Pubkey } from '../protocol/pubkey.ts';
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

/**
 * @param write replaces a file whole or not at all
 * @throws GridError peers_unreadable
 */
export function openDirectory(file: string, write: (file: string, text: string) => void): Directory {
  let rows: PeerRow[] = readPeersFile(file);
  let peers: readonly Peer[] = rows.map(peerOf);
  let stamp = stampOf(file);

  function refresh(): void {
    const now = stampOf(file);
    if (now === stamp) return;
    rows = readPeersFile(file);
    peers = rows.map(peerOf);
    stamp = now; // last: a file that could not be read is looked at again, and never written over
  }

  function save(next: PeerRow[]): void {
    write(file, peersFileText(next));
    rows = next;
    peers = rows.map(peerOf);
    stamp = stampOf(file);
  }

  function change(pubkey: Pubkey, members: Partial<PeerRow>): boolean {
    refresh();
    if (!rows.some((row) => row.pubkey === pubkey)) return false;
    save(rows.map((row) => (row.pubkey === pubkey ? { ...row, ...members } : row)));
    return true;
  }

  return {
    list() {
      try {
        refresh();
      } catch {
        // Somebody is editing the file: what was known stays valid until it is readable again. `doctor` names the problem.
      }
      return peers;
    },
    add({ pubkey, url, label }) {
      refresh();
      const before = rows.find((row) => row.pubkey === pubkey);
      const row: PeerRow = { ...before, pubkey, url };
      if (label !== undefined) row.label = label;
      save([...rows.filter((other) => other !== before), row]);
    },
    rename: (pubkey, label) => change(pubkey, { label }),
    setBlocked: (pubkey, blocked) => change(pubkey, { blocked }),
    remove(pubkey) {
      refresh();
      const row = rows.find((other) => other.pubkey === pubkey);
      if (!row) return undefined;
      save(rows.filter((other) => other !== row));
      return peerOf(row);
    },
  };
}

function stampOf(file: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(file);
    return `${mtimeMs}:${size}:${ino}`;
  } catch {
    return 'absent';
  }
}
