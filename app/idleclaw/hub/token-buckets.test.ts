import { describe, expect, it } from 'vitest';
import { Parallel, TokenBuckets } from './token-buckets.ts';

describe('TokenBuckets', () => {
  it('lets a burst through, then one every sixtieth of the rate, and says how long to wait', () => {
    const buckets = new TokenBuckets(20);
    const burst = Array.from({ length: 20 }, () => buckets.take('a', 0));
    expect(burst.every((wait) => wait === 0)).toBe(true);
    expect(buckets.take('a', 0)).toBe(3);
    expect(buckets.take('a', 2_000)).toBe(1);
    expect(buckets.take('a', 3_000)).toBe(0);
    expect(buckets.take('a', 3_000)).toBe(3);
    expect(buckets.take('b', 3_000)).toBe(0);
  });

  it('never lets more through in a minute than burst and rate', () => {
    const buckets = new TokenBuckets(5);
    let taken = 0;
    for (let ms = 0; ms <= 60_000; ms += 100) if (buckets.take('a', ms) === 0) taken += 1;
    expect(taken).toBe(10);
  });

  it('a clock that goes back gives nothing', () => {
    const buckets = new TokenBuckets(1);
    expect(buckets.take('a', 1_000)).toBe(0);
    expect(buckets.take('a', 0)).toBeGreaterThan(0);
  });
});

describe('Parallel', () => {
  it('counts who is in', () => {
    const parallel = new Parallel(2);
    const leave = parallel.enter('a');
    parallel.enter('a');
    expect(parallel.enter('a')).toBeUndefined();
    expect(parallel.enter('b')).toBeDefined();
    leave?.();
    expect(parallel.enter('a')).toBeDefined();
  });
});
