import type { CommandArgs, CommandResult } from '../../app/contract/commands.ts';
import type { FriendsView, FriendView, PeerView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';
import type { MockGrid } from './mock-grid.ts';

type FriendCommand =
  | 'createInvite'
  | 'withdrawInvite'
  | 'readInvite'
  | 'acceptInvite'
  | 'forgetInvite'
  | 'confirmFriend'
  | 'refuseFriend'
  | 'changeFriend'
  | 'removeFriend'
  | 'setFriendsOnly';

const DAY_MS = 86_400_000;
const WAITING = `lob1${'5c'.repeat(32)}`;

/** The friends among the peers of the scene, and somebody who waits. */
export function mockFriends(peers: readonly PeerView[], nowMs: number): FriendsView {
  const friends = peers.flatMap(({ pubkey, label, circle }, index): FriendView[] =>
    circle === null
      ? []
      : [
          {
            pubkey,
            circle,
            label,
            sinceMs: nowMs - (index + 3) * DAY_MS,
            untilMs: null,
            tokensPerDay: 200_000,
            usedToday: circle === 'device' ? 0 : 12_480,
          },
        ],
  );
  return {
    friendsOnly: false,
    friends,
    pending:
      friends.length === 0
        ? []
        : [
            {
              pubkey: WAITING,
              circle: 'friend',
              label: 'Ben',
              addresses: ['https://ben.example:17474'],
              atMs: nowMs - 40_000,
              tokensPerDay: 200_000,
              untilMs: null,
            },
          ],
    invites: [],
    asked: [],
  };
}

type MockFriendCommands = { [Name in FriendCommand]: (args: CommandArgs<Name>) => CommandResult<Name> };

export function mockFriendCommands(grid: MockGrid): MockFriendCommands {
  const change = (part: (friends: FriendsView) => Partial<FriendsView>): null =>
    grid.change(({ friends }) => ({ friends: { ...friends, ...part(friends) } }));
  const drop = (pubkey: string) => (friends: FriendsView) => ({
    pending: friends.pending.filter((one) => one.pubkey !== pubkey),
  });
  let made = 0;
  return {
    createInvite({ circle, expiresInHours = 24 * 7, addresses = ['https://mac.example:17474'] }) {
      made += 1;
      const inviteId = String(made).padStart(32, '0');
      const createdAtMs = Date.now();
      const expiresAtMs = createdAtMs + expiresInHours * 3600_000;
      change(({ invites }) => ({ invites: [...invites, { inviteId, circle, createdAtMs, expiresAtMs }] }));
      const link = `lobstah:invite?v=1&as=${circle}&key=${grid.snapshot().pubkey}&label=mac&id=${inviteId}&secret=${'ab'.repeat(16)}&until=${expiresAtMs}&sig=${'cd'.repeat(64)}`;
      return { link, inviteId, expiresAtMs, addresses, onlyHere: false };
    },
    withdrawInvite: ({ inviteId }) =>
      change(({ invites }) => ({ invites: invites.filter((invite) => invite.inviteId !== inviteId) })),
    readInvite({ link }) {
      if (!link.trim().startsWith('lobstah:invite?'))
        throw new CommandError({
          code: 'invite_invalid',
          message: 'This is not an invite, or it was changed after its maker signed it.',
          hint: 'Check that the whole link was copied.',
        });
      const circle = link.includes('as=device') ? 'device' : 'friend';
      return { circle, pubkey: WAITING, label: 'Anna', addresses: ['http://a:1'], expiresAtMs: Date.now() + DAY_MS };
    },
    acceptInvite({ circle }) {
      const one = { inviteId: 'f'.repeat(32), circle, pubkey: WAITING, label: 'Anna', atMs: Date.now() };
      change(({ asked }) => ({ asked: [...asked.filter(({ inviteId }) => inviteId !== one.inviteId), one] }));
      return { state: 'waiting', problem: null };
    },
    forgetInvite: ({ inviteId }) =>
      change(({ asked }) => ({ asked: asked.filter((one) => one.inviteId !== inviteId) })),
    confirmFriend({ pubkey }) {
      const one = grid.snapshot().friends.pending.find((pending) => pending.pubkey === pubkey);
      change(drop(pubkey));
      if (!one) return null;
      const { circle, label, tokensPerDay, untilMs } = one;
      const friend = { pubkey, circle, label, tokensPerDay, untilMs, sinceMs: Date.now(), usedToday: 0 };
      return change(({ friends }) => ({ friends: [...friends, friend] }));
    },
    refuseFriend: ({ pubkey }) => change(drop(pubkey)),
    changeFriend: ({ pubkey, ...members }) =>
      change(({ friends }) => ({
        friends: friends.map((friend) => (friend.pubkey === pubkey ? { ...friend, ...(members as object) } : friend)),
      })),
    removeFriend: ({ pubkey }) =>
      change(({ friends }) => ({ friends: friends.filter((friend) => friend.pubkey !== pubkey) })),
    setFriendsOnly: ({ on }) => change(() => ({ friendsOnly: on })),
  };
}
