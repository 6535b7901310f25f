import type { Ledger } from '../ledger/ledger.ts';
import { openLedger } from '../ledger/open-ledger.ts';
import { shortPubkey, type Pubkey } from '../protocol/pubkey.ts';
import { openFriends } from '../peers/friends.ts';
import { homeDisk } from '../runtime/home-disk.ts';
import { findHome, openHome } from '../runtime/home.ts';
import { openIdentityFile } from '../runtime/identity-file.ts';
import { openHomeDirectory } from '../runtime/home-directory.ts';

export interface Books {
  readonly ledger: Ledger;
  /** the label the owner gave, else the short key */
  labelOf(pubkey: string): string;
}

/** Opens the ledger of this home beside whatever runs on it, and closes it after use. */
export async function withBooks<Result>(use: (books: Books) => Result | Promise<Result>): Promise<Result> {
  const home = findHome(process.env);
  openHome(home);
  const { identity } = openIdentityFile(home.identityFile);
  const friends = openFriends(home.friendsFile, homeDisk, Date.now);
  const here = { ownPubkey: identity.publicKey, policy: () => ({ allowPrivate: false }), nowMs: Date.now, friends };
  const peers = openHomeDirectory(home, here).list();
  const ledger = await openLedger({ file: home.ledgerFile, ownPubkey: identity.publicKey });
  try {
    return await use({
      ledger,
      labelOf: (pubkey) => {
        if (pubkey === identity.publicKey) return 'this machine';
        if (pubkey === 'anonymous') return 'unnamed';
        const label = peers.find((peer) => peer.pubkey === pubkey)?.label;
        return label ?? (friends.find(pubkey as Pubkey)?.label || shortPubkey(pubkey));
      },
    });
  } finally {
    await ledger.close();
  }
}
