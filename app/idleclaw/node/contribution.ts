import { startContributor, type Contributor, type ContributorView } from './contributor.ts';
import type { NodeDeps } from './giving.ts';

/** While it contributes, or would: a pause, a schedule or another process may have changed what the owner wants. */
const LOOK_MS = 1_000;
/** While sharing is paused: nothing is woken for nothing. Commands are heard at once. */
const PAUSED_LOOK_MS = 30_000;

export interface ContributionWish {
  /** where the owner contributes; empty when contributing is switched off */
  readonly servers: readonly string[];
  /** the same switch and the same pauses as for work of the grid */
  readonly sharing: boolean;
  /** when a pause ends by itself */
  readonly untilMs: number | undefined;
}

export interface Contribution {
  /** does at once what the owner wants now */
  sync(): void;
  /** one view for each server that is contributed to now; none when paused, because nothing is open then */
  views(): readonly ContributorView[];
  /** Takes nothing new, lets running answers end for at most `drainMs`, then closes what is left. */
  close(drainMs?: number): Promise<void>;
}

/** Contributes to all the servers of the wish, and to none while nothing is shared: paused means unregistered. */
export function createContribution(deps: NodeDeps & { wish: () => ContributionWish }): Contribution {
  const contributors = new Map<string, Contributor>();
  const ending = new Set<Promise<void>>();
  let timer: NodeJS.Timeout | undefined;
  let isOver = false;

  function end(server: string, contributor: Contributor, reason: string): void {
    contributors.delete(server);
    const ended = contributor.stop(reason).finally(() => ending.delete(ended));
    ending.add(ended);
  }

  function sync(): void {
    if (isOver) return;
    clearTimeout(timer);
    const wish = deps.wish();
    const wanted = wish.sharing ? new Set(wish.servers) : new Set<string>();
    for (const [server, contributor] of contributors)
      if (!wanted.has(server)) end(server, contributor, wish.sharing ? 'no longer contributing' : 'sharing paused');
    for (const server of wanted)
      if (contributors.has(server)) contributors.get(server)?.recheck();
      else contributors.set(server, startContributor(server, deps));
    plan(wish);
  }

  /** Off means not even a timer. */
  function plan(wish: ContributionWish): void {
    if (wish.servers.length === 0) return;
    const pauseMs = wish.untilMs === undefined ? PAUSED_LOOK_MS : wish.untilMs - deps.nowMs() + 1;
    const delayMs = wish.sharing ? LOOK_MS : Math.max(LOOK_MS, Math.min(pauseMs, PAUSED_LOOK_MS));
    timer = setTimeout(look, delayMs);
    timer.unref();
  }

  /** Like `sync`, without disturbing what goes on. */
  function look(): void {
    const wish = deps.wish();
    const wanted = wish.sharing ? wish.servers : [];
    const same = wanted.length === contributors.size && wanted.every((server) => contributors.has(server));
    if (same) plan(wish);
    else sync();
  }

  return {
    sync,
    views: () => [...contributors.values()].map((contributor) => contributor.view()),
    async close(drainMs = 0) {
      isOver = true;
      clearTimeout(timer);
      const all = [...contributors];
      if (drainMs > 0) await atMost(drainMs, Promise.all(all.map(([, contributor]) => contributor.drain())));
      for (const [server, contributor] of all) end(server, contributor, 'the node stops');
      await Promise.all(ending);
    },
  };
}

async function atMost(ms: number, work: Promise<unknown>): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  await Promise.race([work, new Promise((resolve) => (late = setTimeout(resolve, ms)))]);
  clearTimeout(late);
}
