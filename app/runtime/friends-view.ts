import type { FriendsView } from '../contract/snapshot.ts';
import type { Friend } from '../peers/friends-file.ts';
import { shortPubkey } from '../protocol/pubkey.ts';
import { creditsOf } from './credits.ts';
import type { GridParts } from './grid-parts.ts';

type Parts = Pick<GridParts, 'friends' | 'ledger' | 'settings'>;

/** Everything about friends and devices that a page shows. No secret, and no hash of one. */
export function friendsView({ friends, ledger, settings }: Parts, today: string, nowMs: number): FriendsView {
  const friendView = ({ pubkey, circle, label, sinceMs, untilMs, tokensPerDay }: Friend) => {
    const owedMicro = Math.max(0, ledger.tabMicro(pubkey));
    const used = creditsOf(Math.min(ledger.servedMicro(pubkey, today), owedMicro));
    return {
      pubkey,
      circle,
      label: label || shortPubkey(pubkey),
      sinceMs,
      untilMs,
      tokensPerDay,
      usedToday: circle === 'device' ? 0 : used,
    };
  };
  const invites = friends.invites();
  return {
    friendsOnly: settings.current().sharing.friendsOnly,
    friends: friends.list().map(friendView),
    pending: invites.flatMap(({ state, by, circle, tokensPerDay, friendUntilMs }) =>
      state === 'asked' && by
        ? [{ pubkey: by.pubkey, circle, label: by.label, atMs: by.atMs, tokensPerDay, untilMs: friendUntilMs }]
        : [],
    ),
    invites: invites
      .filter(({ state, expiresAtMs }) => state === 'open' && nowMs <= expiresAtMs)
      .map(({ inviteId, circle, createdAtMs, expiresAtMs }) => ({ inviteId, circle, createdAtMs, expiresAtMs })),
    asked: friends.asked().map(({ inviteId, circle, inviterPubkey, label, atMs }) => ({
      inviteId,
      circle,
      pubkey: inviterPubkey,
      label: label || shortPubkey(inviterPubkey),
      atMs,
    })),
  };
}
