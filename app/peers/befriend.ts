import type { Pubkey } from '../protocol/pubkey.ts';
import type { Directory } from './directory.ts';
import type { Friend } from './friends-file.ts';
import { waits, type Friends, type Waiting } from './friends.ts';
import { parsePeerAddress } from './peer.ts';

/** Both sides of a friendship: the circle in friends.json, and where to ask it in peers.json. */
export interface FriendBooks {
  readonly friends: Friends;
  readonly directory: Directory;
}

/** The maker says yes. @throws GridError invalid_argument when nobody with this key waits */
export function confirmFriend(who: Waiting, books: FriendBooks, nowMs: number): Friend {
  const { addresses = [] } = books.friends.invites().find((invite) => waits(invite, who))?.by ?? {};
  const friend = books.friends.accept(who, { isPeerOfOurs: isNew(who.pubkey, addresses, books), nowMs });
  addAsPeer(friend, books);
  return friend;
}

/** The maker has said yes to us. @param answeredAt the address that did, which is the first to ask */
export function joinFriend(
  inviteId: string,
  answeredAt: string | undefined,
  books: FriendBooks,
  nowMs: number,
): Friend | undefined {
  const asked = books.friends.asked().find((one) => one.inviteId === inviteId);
  if (!asked) return undefined;
  const addresses = [...(answeredAt === undefined ? [] : [answeredAt]), ...asked.addresses];
  const isPeerOfOurs = isNew(asked.inviterPubkey, addresses, books);
  const friend = books.friends.accepted(inviteId, { isPeerOfOurs, nowMs });
  if (friend) addAsPeer({ ...friend, addresses }, books);
  return friend;
}

/** Ends it, and takes the address away that came with it. Nothing is asked of the other side. */
export function endFriendship(pubkey: Pubkey, { friends, directory }: FriendBooks): Friend | undefined {
  const friend = friends.remove(pubkey);
  if (friend?.isPeerOfOurs) directory.remove(pubkey);
  return friend;
}

function isNew(pubkey: Pubkey, addresses: readonly string[], { directory }: FriendBooks): boolean {
  return firstAddress(pubkey, addresses) !== undefined && !directory.list().some((peer) => isTyped(peer, pubkey));
}

const isTyped = (peer: { pubkey: Pubkey; source: string }, pubkey: Pubkey) =>
  peer.pubkey === pubkey && peer.source === 'static';

/** What the owner typed for this key before stays. */
function addAsPeer({ pubkey, label, addresses }: Friend, { directory }: FriendBooks): void {
  const url = firstAddress(pubkey, addresses);
  if (url === undefined || directory.list().some((peer) => isTyped(peer, pubkey))) return;
  directory.add({ pubkey, url, label: label || undefined });
}

function firstAddress(pubkey: Pubkey, addresses: readonly string[]): string | undefined {
  for (const address of addresses) {
    const parsed = parsePeerAddress(address, pubkey);
    if ('url' in parsed) return parsed.url;
  }
  return undefined;
}
