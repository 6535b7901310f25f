import type { JobVault } from './job-vault.ts';

/** setTimeout cannot wait longer. */
const MAX_TIMER_MS = 2 ** 31 - 1;
const RETRY_MS = 5_000;

export interface JobSweep {
  /** Ends what was not begun in time and removes what was kept long enough. */
  now(): Promise<void>;
  /** Looks when the next one is due, and sweeps then. Without stored jobs there is no timer. */
  plan(): void;
  stop(): void;
}

/** @param expired ends a job whose time to be begun is over */
export function createJobSweep({
  vault,
  nowMs,
  expired,
  onError,
}: {
  vault: JobVault;
  nowMs: () => number;
  expired: (id: string) => Promise<unknown>;
  onError: (error: unknown) => void;
}): JobSweep {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;

  async function now(): Promise<void> {
    for (const id of await vault.expire(nowMs())) await expired(id);
    plan();
  }

  function later(waitMs: number): void {
    clearTimeout(timer);
    if (stopped) return;
    timer = setTimeout(() => {
      now().catch((error: unknown) => {
        onError(error);
        later(RETRY_MS);
      });
    }, waitMs).unref();
  }

  function plan(): void {
    const nextMs = vault.nextExpiryMs();
    if (nextMs === undefined) clearTimeout(timer);
    else later(Math.min(Math.max(nextMs - nowMs(), 1_000), MAX_TIMER_MS));
  }

  return {
    now,
    plan,
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
