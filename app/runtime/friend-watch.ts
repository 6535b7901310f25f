import type { Logger } from 'pino';
import type { AskedInvite, Friend } from '../peers/friends-file.ts';
import { INVITE_KEPT_MS, type Friends } from '../peers/friends.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { FriendDesk } from './friend-desk.ts';
import type { LiveJobTable } from './live-job-table.ts';
import { watchFile } from './watch-file.ts';

/** The maker is asked so often what was decided: soon at first, when both may sit there waiting, then seldom. */
const ASK_MS = 3_000;
const ASK_LATER_MS = 60_000;
const EAGER_MS = 10 * 60_000;

/**
 * Keeps a running Lobstah true to friends.json, whoever changes it: whose friendship is over is no longer served from that
 * moment, and what runs for it ends. Asks the makers of redeemed invites for their word; asks nobody while there is none.
 */
export interface FriendWatch {
  /** friends.json may have changed */
  look(): void;
  stop(): void;
}

export function watchFriends(deps: {
  readonly file: string;
  readonly friends: Friends;
  readonly desk: Pick<FriendDesk, 'ask'>;
  readonly jobs: LiveJobTable;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly onChange: () => void;
  /** somebody has become a friend or a device */
  readonly onFriend: (pubkey: Pubkey) => void;
}): FriendWatch {
  const { friends, log, nowMs } = deps;
  let known = new Map<Pubkey, Friend>(friends.list().map((friend) => [friend.pubkey, friend]));
  let stamp = '';
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const asking = new Set<string>();
  const askedAtMs = new Map<string, number>();

  function look(): void {
    if (stopped) return;
    const now = friends.stamp();
    if (now !== stamp) {
      stamp = now;
      compare();
      deps.onChange();
    }
    for (const asked of friends.asked()) if (isDue(asked)) void ask(asked);
    plan();
  }

  function compare(): void {
    const now = new Map(friends.list().map((friend) => [friend.pubkey, friend]));
    for (const [pubkey, { circle }] of known) {
      if (now.has(pubkey)) continue;
      const ended = deps.jobs.stopServing(pubkey, new GridError('friendship_ended'));
      log.info({ pubkey, circle, ended }, 'friendship ended');
    }
    for (const [pubkey, { circle }] of now) if (known.get(pubkey)?.circle !== circle) deps.onFriend(pubkey);
    known = now;
  }

  function isDue({ inviteId, atMs, expiresAtMs }: AskedInvite): boolean {
    if (asking.has(inviteId) || nowMs() > expiresAtMs + INVITE_KEPT_MS) return false;
    const everyMs = nowMs() - atMs < EAGER_MS ? ASK_MS : ASK_LATER_MS;
    return nowMs() - (askedAtMs.get(inviteId) ?? atMs) >= everyMs;
  }

  async function ask(asked: AskedInvite): Promise<void> {
    asking.add(asked.inviteId);
    try {
      const { state } = await deps.desk.ask(asked);
      if (state !== 'waiting' && state !== 'unreachable')
        log.info({ inviteId: asked.inviteId, state }, 'invite decided');
    } catch (error) {
      log.warn({ inviteId: asked.inviteId, code: asGridError(error).code }, 'invite came to nothing');
    } finally {
      asking.delete(asked.inviteId);
      askedAtMs.set(asked.inviteId, nowMs());
      look();
    }
  }

  /** Quiet while there is nothing to wait for. */
  function plan(): void {
    clearTimeout(timer);
    if (!stopped && friends.asked().length > 0) timer = setTimeout(look, ASK_MS).unref();
  }

  // What was looked at a moment ago is believed for 100 ms: a second look sees what the first one missed.
  const unwatch = watchFile(deps.file, () => {
    look();
    if (!stopped) setTimeout(look, 150).unref();
  });
  look();
  return {
    look,
    stop() {
      stopped = true;
      clearTimeout(timer);
      unwatch();
    },
  };
}
