/** So many at once, and then so many a minute. */
export interface Rate {
  readonly burst: number;
  readonly perMinute: number;
}

interface Bucket {
  tokens: number;
  atMs: number;
}

/** Two generations are kept, so memory stays bounded without a sweep: who was not seen for a whole generation starts anew. */
const MAX_BUCKETS = 20_000;

/** Token buckets, one a name. */
export interface Buckets {
  /** Takes one. @returns 0, or how many ms to wait when there is none left */
  take(name: string, nowMs: number): number;
}

export function createBuckets(rate: Rate): Buckets {
  const perMs = rate.perMinute / 60_000;
  let young = new Map<string, Bucket>();
  let old = new Map<string, Bucket>();

  function bucketOf(name: string, nowMs: number): Bucket {
    const known = young.get(name) ?? old.get(name) ?? { tokens: rate.burst, atMs: nowMs };
    if (!young.has(name)) {
      if (young.size >= MAX_BUCKETS) {
        old = young;
        young = new Map();
      }
      young.set(name, known);
    }
    return known;
  }

  return {
    take(name, nowMs) {
      const bucket = bucketOf(name, nowMs);
      const passedMs = Math.max(0, nowMs - bucket.atMs); // a clock may be set back
      bucket.tokens = Math.min(rate.burst, bucket.tokens + passedMs * perMs);
      bucket.atMs = nowMs;
      if (bucket.tokens < 1) return Math.ceil((1 - bucket.tokens) / perMs);
      bucket.tokens -= 1;
      return 0;
    },
  };
}
