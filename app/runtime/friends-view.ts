import type { FriendsView, PendingFriendView } from '../contract/snapshot.ts';
import type { Friend, OpenInvite } from '../peers/friends-file.ts';
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
    pending: pendingOf(invites),
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

/** Who has redeemed two invites for the same is asked about once. */
function pendingOf(invites: readonly OpenInvite[]): PendingFriendView[] {
  const pending = new Map<string, PendingFriendView>();
  for (const { state, by, circle, tokensPerDay, friendUntilMs } of invites) {
    const key = `${circle} ${by?.pubkey ?? ''}`;
    if (state === 'asked' && by && !pending.has(key))
      pending.set(key, { ...by, circle, tokensPerDay, untilMs: friendUntilMs });
  }
  return [...pending.values()];
}
