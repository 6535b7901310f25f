import { GridError } from '../../protocol/errors.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

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

const HOUR_MS = 3600_000;

/** Friends, own devices, and the invites on the way to them. */
export function friendCommands(deps: CommandDeps): Handlers<FriendCommand> {
  const { friendDesk: desk, friends } = deps;
  const changed = (): null => {
    deps.friendWatch.look();
    deps.news.touch();
    return null;
  };
  const must = (there: boolean, sentence: string): null => {
    if (!there) throw new GridError('invalid_argument', sentence);
    return changed();
  };
  return {
    createInvite({ expiresInHours, ...wish }) {
      const made = desk.invite({ ...wish, ...(expiresInHours ? { expiresInMs: expiresInHours * HOUR_MS } : {}) });
      deps.news.touch();
      return made;
    },
    withdrawInvite: ({ inviteId }) => must(friends.withdraw(inviteId), 'There is no such open invite.'),
    readInvite({ link }) {
      const { circle, inviterPubkey, label, addresses, expiresAt } = desk.read(link);
      return { circle, pubkey: inviterPubkey, label, addresses, expiresAtMs: expiresAt };
    },
    async acceptInvite({ link, ...wish }) {
      const { state, problem } = await desk.accept(link, wish);
      changed();
      return { state, problem: problem ?? null };
    },
    forgetInvite: ({ inviteId }) => must(friends.dropAsked(inviteId), 'There is no such invite.'),
    confirmFriend({ pubkey, circle }) {
      desk.confirm({ pubkey: pubkey as Pubkey, circle });
      return changed();
    },
    refuseFriend({ pubkey, circle }) {
      friends.refuse({ pubkey: pubkey as Pubkey, circle });
      return changed();
    },
    changeFriend: ({ pubkey, ...members }) =>
      must(friends.change(pubkey as Pubkey, withoutUndefined(members)), 'There is no friend with this key.'),
    removeFriend: ({ pubkey }) => must(desk.end(pubkey as Pubkey) !== undefined, 'There is no friend with this key.'),
    setFriendsOnly({ on }) {
      deps.settings.change((settings) => ({ ...settings, sharing: { ...settings.sharing, friendsOnly: on } }));
      deps.contributing?.sync();
      deps.finding.look();
      deps.news.touch();
      return null;
    },
  };
}

type Defined<Members> = { [Name in keyof Members]?: Exclude<Members[Name], undefined> };

function withoutUndefined<Members extends object>(members: Members): Defined<Members> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Defined<Members>;
}
