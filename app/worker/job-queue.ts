import type { Asker } from './asker.ts';
import type { Reservation } from './serve.ts';

/** A stored job that has not ended, as far as it has to be in memory: its prompt stays on the disk. */
export interface WaitingJob {
  readonly id: string;
  readonly asker: Asker;
  /** whose turn it is: a proven key, or all unsigned requests together */
  readonly key: string;
  readonly model: string;
  readonly tokens: { readonly inputTokens: number; readonly outputTokens: number };
  reservation: Reservation;
  /** not to be begun before; it failed for a reason that passes */
  notBeforeMs: number;
  /** set while it runs */
  running: AbortController | undefined;
  /** it is being ended, or is not on the disk yet: not to be begun */
  held: boolean;
}

/** How many jobs may wait, in all and from one requester. */
export const JOB_LIMITS = { inAll: 200, perRequester: 20 } as const;

/**
 * Which stored job is next: that of the key with the fewest running, among equals of the key whose last turn is longest ago,
 * so that somebody with twenty jobs does not keep out somebody with one. Pure but for remembering turns.
 */
export class JobQueue {
  private readonly jobs = new Map<string, WaitingJob>();
  private readonly lastTurn = new Map<string, number>();
  private turns = 0;

  add(job: WaitingJob): void {
    this.jobs.set(job.id, job);
  }

  get(id: string): WaitingJob | undefined {
    return this.jobs.get(id);
  }

  remove(id: string): void {
    const job = this.jobs.get(id);
    this.jobs.delete(id);
    if (job && !this.all().some(({ key }) => key === job.key)) this.lastTurn.delete(job.key);
  }

  all(): WaitingJob[] {
    return [...this.jobs.values()];
  }

  isFull(key: string): boolean {
    if (this.jobs.size >= JOB_LIMITS.inAll) return true;
    return this.all().filter((job) => job.key === key).length >= JOB_LIMITS.perRequester;
  }

  get runningCount(): number {
    return this.all().filter(({ running }) => running).length;
  }

  /** @param mayRun whether the owner would serve this asker now */
  next(nowMs: number, mayRun: (job: WaitingJob) => boolean): WaitingJob | undefined {
    const running = new Map<string, number>();
    for (const job of this.jobs.values()) if (job.running) running.set(job.key, (running.get(job.key) ?? 0) + 1);
    let best: { job: WaitingJob; rank: readonly [number, number] } | undefined;
    for (const job of this.jobs.values()) {
      if (job.running || job.held || job.notBeforeMs > nowMs || !mayRun(job)) continue;
      const rank = [running.get(job.key) ?? 0, this.lastTurn.get(job.key) ?? 0] as const;
      if (!best || rank[0] < best.rank[0] || (rank[0] === best.rank[0] && rank[1] < best.rank[1])) best = { job, rank };
    }
    if (best) this.lastTurn.set(best.job.key, (this.turns += 1));
    return best?.job;
  }
}
