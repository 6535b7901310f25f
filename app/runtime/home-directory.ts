import { openDirectory, type Directory } from '../peers/directory.ts';
import type { Friends } from '../peers/friends.ts';
import { openRefusals } from '../peers/refusals.ts';
import { openSyncedFile } from '../peers/sources/synced-file.ts';
import type { AddressPolicy } from '../http/public-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { homeDisk } from './home-disk.ts';
import type { Home } from './home.ts';

/**
 * The directory of one home, with what `peers sync` found.
 * @throws GridError peers_unreadable
 */
export function openHomeDirectory(
  home: Home,
  here: { ownPubkey: Pubkey; policy: () => AddressPolicy; nowMs: () => number; friends: Friends },
): Directory {
  const refusals = openRefusals(home.refusedPeersFile, homeDisk);
  const directory = openDirectory(home.peersFile, homeDisk, refusals, here.friends);
  directory.connect(openSyncedFile(home.foundPeersFile, here));
  return directory;
}
