import type { Dispatcher } from 'undici';
import { confirmFriend, endFriendship, joinFriend, type FriendBooks } from '../peers/befriend.ts';
import { FRIEND_TOKENS_PER_DAY, type AskedInvite, type Friend } from '../peers/friends-file.ts';
import type { Waiting } from '../peers/friends.ts';
import { parsePeerAddress } from '../peers/peer.ts';
import { redeemInvite } from '../peers/redeem-invite.ts';
import type { Signer } from '../protocol/ed25519.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import {
  formatInvite,
  hashOfSecret,
  issueInvite,
  judgeInvite,
  verifyInvite,
  type Circle,
  type Invite,
} from '../protocol/invite.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { isOnlyHere } from './own-addresses.ts';

/** How long an invite holds when nobody said. */
export const INVITE_MS = 7 * 86_400_000;

export interface InviteWish {
  readonly circle: Circle;
  /** how the other side is to call this machine; undefined: the name of the computer */
  readonly label?: string | undefined;
  readonly expiresInMs?: number | undefined;
  readonly tokensPerDay?: number | undefined;
  /** when the friendship ends by itself, in ms since 1970; null: never */
  readonly friendUntilMs?: number | null | undefined;
  /** where the other side reaches this machine; undefined or empty: what is known */
  readonly addresses?: readonly string[] | undefined;
}

export interface MadeInvite {
  readonly link: string;
  readonly inviteId: string;
  readonly expiresAtMs: number;
  readonly addresses: readonly string[];
  /** nobody else can redeem it: there is no address that leads here from elsewhere */
  readonly onlyHere: boolean;
}

/** 'unreachable': its maker did not answer yet; it is asked again as long as the invite holds. */
export interface AskedState {
  readonly state: 'waiting' | 'accepted' | 'refused' | 'unreachable';
  readonly problem: string | undefined;
}

/** Inviting, accepting, confirming and ending, for the commands of a running Lobstah and for the command line alike. */
export interface FriendDesk {
  /** The link is told once: only a hash of its secret is kept. */
  invite(wish: InviteWish): MadeInvite;
  /** @throws GridError invite_invalid, invite_expired, invalid_argument */
  read(link: string): Invite;
  /**
   * Whoever calls this has been asked: accepting is this side's confirmation.
   * @throws GridError what `read` throws, invite_used, invalid_argument when the invite is for the other circle
   */
  accept(link: string, wish: AcceptWish): Promise<AskedState>;
  /** Asks once what became of a redeemed invite, and takes the answer to heart. */
  ask(asked: AskedInvite): Promise<AskedState>;
  confirm(who: Waiting): Friend;
  end(pubkey: Pubkey): Friend | undefined;
}

export interface AcceptWish {
  readonly circle: Circle;
  readonly label?: string | undefined;
  readonly tokensPerDay?: number | undefined;
  readonly addresses?: readonly string[] | undefined;
}

const WORDS: Record<Circle, { made: string; command: string }> = {
  friend: { made: 'makes you friends with another person', command: 'lobstah invite accept' },
  device: { made: 'joins another machine of your own', command: 'lobstah devices accept' },
};

export function createFriendDesk(deps: {
  readonly books: FriendBooks;
  readonly signer: Signer;
  /** for addresses that the owner typed, or was handed in an invite; over the overlay too, where there is one */
  readonly dispatcher: Dispatcher;
  readonly nowMs: () => number;
  readonly randomHex: (bytes: number) => string;
  readonly ownAddresses: () => readonly string[];
  readonly ownLabel: () => string;
}): FriendDesk {
  const { books, signer, nowMs } = deps;
  const { friends } = books;

  const addressesOf = (wished: readonly string[] | undefined): string[] =>
    wished?.length ? wished.map((text) => checkedAddress(text, signer.pubkey)) : [...deps.ownAddresses()];

  function read(link: string): Invite {
    const verified = verifyInvite(link);
    if (!verified)
      throw new GridError('invite_invalid', 'This is not an invite, or it was changed after its maker signed it.');
    const refusal = judgeInvite(verified, { ownPubkey: signer.pubkey, nowMs: nowMs() });
    if (refusal === 'own') throw new GridError('invalid_argument', 'You made this invite: it is for somebody else.');
    if (refusal === 'expired') throw new GridError('invite_expired');
    return verified.invite;
  }

  async function ask(asked: AskedInvite): Promise<AskedState> {
    try {
      const { state, url } = await redeemInvite(asked, deps);
      if (state === 'accepted') joinFriend(asked.inviteId, url, books, nowMs());
      if (state === 'refused') friends.dropAsked(asked.inviteId);
      return { state, problem: undefined };
    } catch (thrown) {
      const error = asGridError(thrown);
      if (error.code === 'peer_unreachable' || error.code === 'peer_misbehaved' || error.code === 'rate_limited')
        return { state: 'unreachable', problem: error.message };
      friends.dropAsked(asked.inviteId);
      throw error;
    }
  }

  return {
    invite({ circle, label, expiresInMs = INVITE_MS, tokensPerDay, friendUntilMs = null, addresses }) {
      const secret = deps.randomHex(16);
      const inviteId = deps.randomHex(16);
      const expiresAtMs = nowMs() + expiresInMs;
      const at = addressesOf(addresses);
      const invite = issueInvite(
        { circle, addresses: at, label: label ?? deps.ownLabel(), inviteId, secret, expiresAt: expiresAtMs },
        signer,
      );
      const link = formatInvite(invite);
      // Whoever gets it will hold it to the same form: what would not be read is not handed out.
      if (!verifyInvite(link))
        throw new GridError('invalid_argument', 'The name has at most 40 characters, and each address at most 512.');
      friends.addInvite({
        inviteId,
        circle,
        secretHash: hashOfSecret(secret),
        createdAtMs: nowMs(),
        expiresAtMs,
        tokensPerDay: tokensPerDay ?? FRIEND_TOKENS_PER_DAY,
        friendUntilMs,
        state: 'open',
      });
      return { link, inviteId, expiresAtMs, addresses: at, onlyHere: isOnlyHere(at) };
    },
    read,
    async accept(link, wish) {
      const invite = read(link);
      if (invite.circle !== wish.circle)
        throw new GridError(
          'invalid_argument',
          `This invite ${WORDS[invite.circle].made}: if that is what you want, use '${WORDS[invite.circle].command}'.`,
        );
      const asked: AskedInvite = {
        inviteId: invite.inviteId,
        circle: invite.circle,
        inviterPubkey: invite.inviterPubkey,
        label: invite.label,
        addresses: invite.addresses,
        secretHash: hashOfSecret(invite.secret),
        atMs: nowMs(),
        expiresAtMs: invite.expiresAt,
        tokensPerDay: wish.tokensPerDay ?? FRIEND_TOKENS_PER_DAY,
        ownAddresses: addressesOf(wish.addresses),
        ownLabel: wish.label ?? deps.ownLabel(),
      };
      // On the disk first: when this ends here, the answer is still asked for later.
      friends.addAsked(asked);
      return ask(asked);
    },
    ask,
    confirm: (who) => confirmFriend(who, books, nowMs()),
    end: (pubkey) => endFriendship(pubkey, books),
  };
}

/** @throws GridError invalid_argument */
function checkedAddress(text: string, ownPubkey: Pubkey): string {
  const address = parsePeerAddress(text, ownPubkey);
  if ('problem' in address) throw new GridError('invalid_argument', `The address is not right: ${address.problem}.`);
  return address.url;
}
