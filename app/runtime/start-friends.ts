import type { Dispatcher } from 'undici';
import type { Directory } from '../peers/directory.ts';
import type { Friends } from '../peers/friends.ts';
import { parsePeerAddress, type Peer } from '../peers/peer.ts';
import { createFriendDesk, type FriendDesk } from './friend-desk.ts';
import { watchFriends, type FriendWatch } from './friend-watch.ts';
import type { GridParts } from './grid-parts.ts';
import { ownAddresses, ownLabel } from './own-addresses.ts';

/** Friends, devices and invites of a running grid. */
export function startFriends(
  deps: Pick<
    GridParts,
    'config' | 'signer' | 'settings' | 'directory' | 'friends' | 'roster' | 'jobs' | 'log' | 'nowMs'
  > & {
    readonly reach: Pick<GridParts['reach'], 'view' | 'dispatcher'>;
    readonly randomHex: (bytes: number) => string;
    readonly onChange: () => void;
  },
): { readonly friendDesk: FriendDesk; readonly friendWatch: FriendWatch } {
  const { config, friends, directory, signer, nowMs, reach, roster, settings } = deps;
  const dispatcher: Dispatcher = reach.dispatcher;
  const friendDesk = createFriendDesk({
    books: { friends, directory },
    signer,
    dispatcher,
    nowMs,
    randomHex: deps.randomHex,
    ownAddresses: () => {
      const overlay = reach.view();
      return ownAddresses(config.home, settings.current(), overlay.state === 'on' ? overlay.address : null);
    },
    ownLabel,
  });
  const friendWatch = watchFriends({
    file: config.home.friendsFile,
    friends,
    desk: friendDesk,
    jobs: deps.jobs,
    log: deps.log.child({ room: 'friends' }),
    nowMs,
    onChange: deps.onChange,
    onFriend: (pubkey) => void roster.check(pubkey),
  });
  return { friendDesk, friendWatch };
}

/** The makers of invites that were redeemed here: dialled for their word, though they are nobody's peers yet. */
export function invitersOf(friends: Pick<Friends, 'asked'>): Peer[] {
  return friends.asked().flatMap(({ inviterPubkey: pubkey, addresses, label }) =>
    addresses.flatMap((address): Peer[] => {
      const parsed = parsePeerAddress(address, pubkey);
      return 'url' in parsed ? [{ pubkey, url: parsed.url, label, blocked: false, source: 'static' }] : [];
    }),
  );
}

/** The directory for whoever looks up how to reach a key: whose invite was redeemed is found too. */
export function withInviters(directory: Directory, friends: Pick<Friends, 'asked'>): Directory {
  return {
    ...directory,
    list: () => (friends.asked().length === 0 ? directory.list() : [...directory.list(), ...invitersOf(friends)]),
  };
}
