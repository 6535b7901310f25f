import type { Clock } from '../clock.ts';

interface Timer {
  dueMs: number;
  readonly everyMs: number | undefined;
  readonly run: () => void;
}

/** Time that stands still until a test turns it. */
export class ManualClock implements Clock {
  private now = 1_790_000_000_000;
  private readonly timers = new Set<Timer>();

  nowMs(): number {
    return this.now;
  }

  after(ms: number, run: () => void): () => void {
    return this.add({ dueMs: this.now + ms, everyMs: undefined, run });
  }

  every(ms: number, run: () => void): () => void {
    return this.add({ dueMs: this.now + ms, everyMs: ms, run });
  }

  /** Runs what becomes due, in order, and lets what waits on it go on in between. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.now + ms;
    for (;;) {
      const [next] = [...this.timers].filter(({ dueMs }) => dueMs <= untilMs).sort((a, b) => a.dueMs - b.dueMs);
      if (!next) break;
      this.now = Math.max(this.now, next.dueMs);
      if (next.everyMs === undefined) this.timers.delete(next);
      else next.dueMs += next.everyMs;
      next.run();
      await new Promise(setImmediate);
    }
    this.now = untilMs;
    await new Promise(setImmediate);
  }

  private add(timer: Timer): () => void {
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }
}
