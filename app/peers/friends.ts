import { GridError } from '../protocol/errors.ts';
import type { Circle } from '../protocol/invite.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { provesSecret, type RedeemState, type VerifiedRedeem } from '../protocol/redeem.ts';
import { watchFile } from './file-stamp.ts';
import {
  friendsFileText,
  readFriendsFile,
  type AskedInvite,
  type Friend,
  type FriendsFile,
  type OpenInvite,
} from './friends-file.ts';
import type { PeersDisk } from './peers-file.ts';

/** More open invites than these are a loop, not friendship. */
const MAX_INVITES = 100;
const MAX_FRIENDS = 500;
/** Whoever redeemed can still learn what was decided this long after the end of the invite. */
export const INVITE_KEPT_MS = 7 * 86_400_000;

/** Who is decided about, and as what: saying yes to a friend must never let in a device. */
export interface Waiting {
  readonly pubkey: Pubkey;
  readonly circle: Circle;
}

/** Friends, devices, and the invites on the way to them. Reads friends.json again when it changed: the command line edits it too. */
export interface Friends {
  /** those whose time is not over */
  list(): readonly Friend[];
  find(pubkey: Pubkey): Friend | undefined;
  invites(): readonly OpenInvite[];
  asked(): readonly AskedInvite[];
  /** differs whenever `list` does */
  stamp(): string;
  addInvite(invite: OpenInvite): void;
  /** @returns false when there is none that is still open */
  withdraw(inviteId: string): boolean;
  /**
   * The first to show the secret gets to wait for the maker; the same key may ask again what became of it.
   * @throws GridError invite_invalid, invite_expired, invite_used
   */
  redeem(redeem: VerifiedRedeem, nowMs: number): RedeemState;
  /** @throws GridError invalid_argument when nobody with this key waits */
  accept(who: Waiting, terms: { isPeerOfOurs: boolean; nowMs: number }): Friend;
  /** @throws GridError invalid_argument when nobody with this key waits */
  refuse(who: Waiting): void;
  addAsked(asked: AskedInvite): void;
  dropAsked(inviteId: string): boolean;
  /** The maker of an invite has said yes. @returns undefined when it is no longer waited for */
  accepted(inviteId: string, terms: { isPeerOfOurs: boolean; nowMs: number }): Friend | undefined;
  /** @returns false when there is no such friend */
  change(pubkey: Pubkey, members: Partial<Pick<Friend, 'label' | 'tokensPerDay' | 'untilMs'>>): boolean;
  remove(pubkey: Pubkey): Friend | undefined;
}

/** @throws GridError friends_unreadable */
export function openFriends(file: string, disk: PeersDisk, nowMs: () => number): Friends {
  // Before the file is read: what is written in between is seen as a change.
  const watched = watchFile(file);
  let stamp = watched.stampNow();
  let content = readFriendsFile(file);
  let byKey = new Map(content.friends.map((friend) => [friend.pubkey, friend]));

  function take(next: FriendsFile): void {
    content = next;
    byKey = new Map(next.friends.map((friend) => [friend.pubkey, friend]));
  }

  function fresh(): FriendsFile {
    const now = watched.stamp();
    if (now !== stamp)
      try {
        take(readFriendsFile(file));
        stamp = now;
      } catch {
        // Somebody is editing the file: what was known stays valid until it is readable again. `doctor` names the problem.
      }
    return content;
  }

  /** @param work gets what is on the disk; the result's `next` is written when there is one */
  function change<Result>(work: (now: FriendsFile) => { next?: FriendsFile; result: Result }): Result {
    return disk.exclusively(file, () => {
      const { next, result } = work(readFriendsFile(file));
      if (next) {
        disk.write(file, friendsFileText(next));
        take(next);
        stamp = watched.stampNow();
      }
      return result;
    });
  }

  const isNow = ({ untilMs }: Friend) => untilMs === null || nowMs() < untilMs;

  return {
    list: () => fresh().friends.filter(isNow),
    find(pubkey) {
      fresh();
      const friend = byKey.get(pubkey);
      return friend && isNow(friend) ? friend : undefined;
    },
    invites: () => fresh().invites,
    asked: () => fresh().asked.filter(({ expiresAtMs }) => nowMs() <= expiresAtMs + INVITE_KEPT_MS),
    stamp: () => `${fresh().friends.filter(isNow).length} ${stamp}`,
    addInvite: (invite) =>
      change((now) => {
        const kept = now.invites.filter(({ expiresAtMs }) => nowMs() <= expiresAtMs + INVITE_KEPT_MS);
        if (kept.filter(({ state }) => state === 'open').length >= MAX_INVITES)
          throw new GridError('invalid_argument', `There are ${MAX_INVITES} open invites already: withdraw some.`);
        return { next: { ...now, invites: [...kept, invite] }, result: undefined };
      }),
    withdraw: (inviteId) =>
      change((now) => {
        const left = now.invites.filter((invite) => invite.inviteId !== inviteId || invite.state !== 'open');
        return { next: { ...now, invites: left }, result: left.length < now.invites.length };
      }),
    redeem: (redeem, atMs) => change((now) => redeemed(now, redeem, atMs)),
    accept: (who, terms) =>
      change((now) => {
        const { invite, by } = waiting(now, who);
        const friend = newFriend({ ...invite, ...by, untilMs: invite.friendUntilMs }, terms);
        return { next: decided(withFriend(now, friend), who, 'accepted'), result: friend };
      }),
    refuse: (who) =>
      change((now) => {
        waiting(now, who);
        return { next: decided(now, who, 'refused'), result: undefined };
      }),
    addAsked: (asked) =>
      change((now) => ({
        next: {
          ...now,
          asked: [
            ...now.asked.filter(
              ({ inviteId, expiresAtMs }) => inviteId !== asked.inviteId && nowMs() <= expiresAtMs + INVITE_KEPT_MS,
            ),
            asked,
          ],
        },
        result: undefined,
      })),
    dropAsked: (inviteId) =>
      change((now) => {
        const left = now.asked.filter((asked) => asked.inviteId !== inviteId);
        if (left.length === now.asked.length) return { result: false };
        return { next: { ...now, asked: left }, result: true };
      }),
    accepted: (inviteId, terms) =>
      change((now) => {
        const asked = now.asked.find((one) => one.inviteId === inviteId);
        if (!asked) return { result: undefined };
        const friend = newFriend({ ...asked, pubkey: asked.inviterPubkey, untilMs: null }, terms);
        const left = now.asked.filter((one) => one !== asked);
        return { next: { ...withFriend(now, friend), asked: left }, result: friend };
      }),
    change: (pubkey, members) =>
      change((now) => {
        if (!now.friends.some((friend) => friend.pubkey === pubkey)) return { result: false };
        const friends = now.friends.map((friend) => (friend.pubkey === pubkey ? { ...friend, ...members } : friend));
        return { next: { ...now, friends }, result: true };
      }),
    remove: (pubkey) =>
      change((now) => {
        const friend = now.friends.find((one) => one.pubkey === pubkey);
        if (!friend) return { result: undefined };
        // An invite that this key was accepted by must not tell it that all is well.
        const invites = now.invites.filter(({ state, by }) => state !== 'accepted' || by?.pubkey !== pubkey);
        return { next: { ...now, friends: now.friends.filter((one) => one !== friend), invites }, result: friend };
      }),
  };
}

/** Compared with when there is no such invite, so that guessing takes as long as being right. */
const NOBODYS_HASH = '0'.repeat(64);

function redeemed(
  now: FriendsFile,
  redeem: VerifiedRedeem,
  nowMs: number,
): { next?: FriendsFile; result: RedeemState } {
  const { inviteId, circle, requesterPubkey, label, addresses } = redeem.redeem;
  const invite = now.invites.find((one) => one.inviteId === inviteId);
  const proven = provesSecret(redeem, invite?.secretHash ?? NOBODYS_HASH);
  if (!invite || !proven || invite.circle !== circle) throw new GridError('invite_invalid');
  if (invite.by && invite.by.pubkey !== requesterPubkey) throw new GridError('invite_used');
  if (invite.state !== 'open') return { result: invite.state === 'asked' ? 'waiting' : invite.state };
  if (nowMs > invite.expiresAtMs) throw new GridError('invite_expired');
  const by = { pubkey: requesterPubkey, label, addresses, atMs: nowMs };
  const invites = now.invites.map((one) => (one === invite ? { ...invite, state: 'asked' as const, by } : one));
  return { next: { ...now, invites }, result: 'waiting' };
}

/** Has this key redeemed it for just this, and not been decided about? */
export function waits({ state, circle, by }: OpenInvite, who: Waiting): boolean {
  return state === 'asked' && circle === who.circle && by?.pubkey === who.pubkey;
}

function waiting(now: FriendsFile, who: Waiting): { invite: OpenInvite; by: NonNullable<OpenInvite['by']> } {
  const invite = now.invites.find((one) => waits(one, who));
  if (!invite?.by) throw new GridError('invalid_argument', 'Nobody with this key waits to be confirmed.');
  return { invite, by: invite.by };
}

/** One word decides all invites that the same key has redeemed for the same. */
function decided(now: FriendsFile, who: Waiting, state: 'accepted' | 'refused'): FriendsFile {
  return { ...now, invites: now.invites.map((one) => (waits(one, who) ? { ...one, state } : one)) };
}

function newFriend(
  from: {
    pubkey: Pubkey;
    circle: Circle;
    label: string;
    addresses: string[];
    tokensPerDay: number;
    untilMs: number | null;
  },
  { isPeerOfOurs, nowMs }: { isPeerOfOurs: boolean; nowMs: number },
): Friend {
  const { pubkey, circle, label, addresses, tokensPerDay, untilMs } = from;
  return { pubkey, circle, label, addresses, sinceMs: nowMs, untilMs, tokensPerDay, isPeerOfOurs };
}

/** A key is in one circle: who was a friend and is now joined as a device is a device. */
function withFriend(now: FriendsFile, friend: Friend): FriendsFile {
  const before = now.friends.find(({ pubkey }) => pubkey === friend.pubkey);
  const others = now.friends.filter((one) => one !== before);
  if (others.length >= MAX_FRIENDS)
    throw new GridError('invalid_argument', `There are ${MAX_FRIENDS} friends already.`);
  const isPeerOfOurs = friend.isPeerOfOurs || before?.isPeerOfOurs === true;
  return { ...now, friends: [...others, { ...friend, isPeerOfOurs }] };
}
