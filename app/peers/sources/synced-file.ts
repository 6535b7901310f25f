import { readFileSync } from 'node:fs';
import { z } from 'zod';
import type { AddressPolicy } from '../../http/public-address.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import { epochMsSchema } from '../../protocol/receipt.ts';
import { fileStamp } from '../file-stamp.ts';
import { isRefused, judgeAnnounced } from '../judge-announced.ts';
import type { PeersDisk } from '../peers-file.ts';
import { MAX_STRANGERS, type FoundPeer, type PeerSource } from './peer-source.ts';

/** Who asked once, by hand, wants to ask these peers today, not for five minutes: health says who is still there. */
export const SYNCED_KEPT_MS = 24 * 3600_000;

/** The signed announcements as they came: a file that somebody edited makes nobody known who has not signed. */
const fileSchema = z.object({
  version: z.literal(1),
  syncs: z
    .array(
      z.object({
        tracker: z.string().max(512),
        syncedAtMs: epochMsSchema,
        peers: z.array(z.unknown()).max(MAX_STRANGERS),
      }),
    )
    .max(16),
});
export type SyncedFile = z.infer<typeof fileSchema>;

/** @returns what the last syncs found; nothing when the file is absent or not understood: it can be made again */
export function readSyncedFile(file: string): SyncedFile {
  try {
    return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return { version: 1, syncs: [] };
  }
}

/** Replaces what that tracker knew before. */
export function writeSynced(
  file: string,
  disk: PeersDisk,
  sync: { tracker: string; syncedAtMs: number; peers: readonly unknown[] },
): void {
  disk.exclusively(file, () => {
    const others = readSyncedFile(file).syncs.filter(({ tracker }) => tracker !== sync.tracker);
    disk.write(file, `${JSON.stringify({ version: 1, syncs: [...others.slice(-15), sync] })}\n`);
  });
}

/** What `peers sync` left behind, as a source of the directory. */
export function openSyncedFile(
  file: string,
  here: { ownPubkey: Pubkey; policy: () => AddressPolicy; nowMs: () => number },
): PeerSource {
  let stamp: string | undefined;
  let peers: readonly FoundPeer[] = [];
  let nextEndMs = Infinity;
  let revision = 0;

  function refresh(): void {
    const now = fileStamp(file);
    const nowMs = here.nowMs();
    if (now === stamp && nowMs < nextEndMs) return;
    const newest = new Map<Pubkey, FoundPeer>();
    for (const { syncedAtMs, peers: entries } of readSyncedFile(file).syncs) {
      const keptUntilMs = syncedAtMs + SYNCED_KEPT_MS;
      if (nowMs >= keptUntilMs) continue;
      for (const entry of entries) {
        // Fresh when it came; since then it has been kept on purpose.
        const judged = judgeAnnounced(entry, { nowMs: syncedAtMs, policy: here.policy(), ownPubkey: here.ownPubkey });
        if (isRefused(judged) || (newest.get(judged.pubkey)?.announcedAtMs ?? -1) >= judged.announcedAtMs) continue;
        newest.set(judged.pubkey, { ...judged, keptUntilMs });
      }
    }
    peers = [...newest.values()].slice(0, MAX_STRANGERS);
    nextEndMs = Math.min(...peers.map(({ keptUntilMs }) => keptUntilMs));
    stamp = now;
    revision += 1;
  }

  return {
    name: 'tracker',
    list() {
      refresh();
      return peers;
    },
    get revision() {
      refresh();
      return revision;
    },
  };
}
