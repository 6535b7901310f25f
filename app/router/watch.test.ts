import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatch } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('a watch', () => {
  it('expires when a phase takes too long, and says which', () => {
    const watch = createWatch(new AbortController().signal);
    watch.limit(1_000, 'has not answered');
    vi.advanceTimersByTime(999);
    expect(watch.signal.aborted).toBe(false);
    vi.advanceTimersByTime(1);
    expect([watch.signal.aborted, watch.expired()]).toEqual([true, 'has not answered for 1 s']);
  });

  it('is kept alive by every new start of a phase', () => {
    const watch = createWatch(new AbortController().signal);
    for (let i = 0; i < 10; i += 1) {
      watch.limit(1_000, 'went silent');
      vi.advanceTimersByTime(900);
    }
    expect(watch.signal.aborted).toBe(false);
  });

  it('passes on the end of the outer signal with its reason, and is no complaint about the peer', () => {
    const outer = new AbortController();
    const watch = createWatch(outer.signal);
    watch.limit(1_000, 'went silent');
    outer.abort(new Error('gone'));
    expect(watch.signal.reason).toEqual(new Error('gone'));
    expect(watch.expired()).toBeUndefined();
  });

  it('leaves no timer behind', () => {
    const watch = createWatch(new AbortController().signal);
    watch.limit(1_000, 'went silent');
    watch.close();
    expect(vi.getTimerCount()).toBe(0);
  });
});
