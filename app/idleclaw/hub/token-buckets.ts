/** Above this many keys those that may do everything again are forgotten: a full bucket and none are the same. */
const MAX_KEYS = 20_000;
const MINUTE_MS = 60_000;

/**
 * `perMinute` requests a minute and key, that many at once. (Counting windows would let twice as many through at their border.)
 * Kept as the one time at which the bucket is full again, so there is nothing to round.
 */
export class TokenBuckets {
  private readonly fullAtMs = new Map<string, number>();
  private readonly msPerToken: number;
  private readonly burst: number;
  private sweepAbove = MAX_KEYS;

  constructor(perMinute: number) {
    this.msPerToken = MINUTE_MS / perMinute;
    this.burst = perMinute;
  }

  /** @returns 0 when taken, else in how many seconds there will be one */
  take(key: string, nowMs: number): number {
    const fullAtMs = Math.max(nowMs, this.fullAtMs.get(key) ?? 0);
    const waitMs = fullAtMs - nowMs - (this.burst - 1) * this.msPerToken;
    if (waitMs > 0) return Math.ceil(waitMs / 1_000);
    this.fullAtMs.set(key, fullAtMs + this.msPerToken);
    if (this.fullAtMs.size > this.sweepAbove) this.forgetFull(nowMs);
    return 0;
  }

  private forgetFull(nowMs: number): void {
    for (const [key, fullAtMs] of this.fullAtMs) if (fullAtMs <= nowMs) this.fullAtMs.delete(key);
    // When most of them are at work, the next look waits until there are twice as many: it costs a pass over all.
    this.sweepAbove = Math.max(MAX_KEYS, 2 * this.fullAtMs.size);
  }
}

/** How many of something a key has under way. */
export class Parallel {
  private readonly counts = new Map<string, number>();
  private readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  /** @returns what gives the place back, or undefined when there is none */
  enter(key: string): (() => void) | undefined {
    const count = this.counts.get(key) ?? 0;
    if (count >= this.max) return undefined;
    this.counts.set(key, count + 1);
    return () => {
      const left = (this.counts.get(key) ?? 1) - 1;
      if (left > 0) this.counts.set(key, left);
      else this.counts.delete(key);
    };
  }
}
