import type { AddressPolicy } from '../http/public-address.ts';
import type { Directory } from '../peers/directory.ts';
import { openFriends, type Friends } from '../peers/friends.ts';
import { openRefusals, type Refusals } from '../peers/refusals.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { findHome, openHome, type Home } from '../runtime/home.ts';
import { homeDisk } from '../runtime/home-disk.ts';
import { openHomeDirectory } from '../runtime/home-directory.ts';
import { openIdentityFile } from '../runtime/identity-file.ts';
import { openSettingsFile } from '../runtime/settings.ts';

export interface PeerBook {
  readonly home: Home;
  readonly directory: Directory;
  readonly friends: Friends;
  readonly refusals: Refusals;
  readonly ownPubkey: Pubkey;
  readonly policy: AddressPolicy;
}

/** The peers of this home, beside whatever runs on it. */
export function openPeerBook(): PeerBook {
  const home = findHome(process.env);
  openHome(home);
  const ownPubkey = openIdentityFile(home.identityFile).identity.publicKey;
  const policy = { allowPrivate: openSettingsFile(home.settingsFile).current().peers.allowPrivateAnnounced };
  const friends = openFriends(home.friendsFile, homeDisk, Date.now);
  const directory = openHomeDirectory(home, { ownPubkey, policy: () => policy, nowMs: Date.now, friends });
  return { home, directory, friends, refusals: openRefusals(home.refusedPeersFile, homeDisk), ownPubkey, policy };
}
