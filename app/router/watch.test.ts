import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createWatch } from './watch.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function watched() {
  const complaints: string[] = [];
  return { complaints, watch: createWatch((complaint) => complaints.push(complaint)) };
}

describe('a watch', () => {
  it('expires when a phase takes too long, and says which', () => {
    const { watch, complaints } = watched();
    watch.limit(1_000, 'has not answered');
    vi.advanceTimersByTime(999);
    expect(complaints).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(complaints).toEqual(['has not answered for 1 s']);
  });

  it('is kept alive by every new start of a phase', () => {
    const { watch, complaints } = watched();
    for (let i = 0; i < 10; i += 1) {
      watch.limit(1_000, 'went silent');
      vi.advanceTimersByTime(900);
    }
    expect(complaints).toEqual([]);
  });

  it('says the newest phase, also when its limit is the same', () => {
    const { watch, complaints } = watched();
    watch.limit(1_000, 'has not answered');
    watch.limit(1_000, 'went silent');
    vi.advanceTimersByTime(1_000);
    expect(complaints).toEqual(['went silent for 1 s']);
  });

  it('leaves no timer behind', () => {
    const { watch } = watched();
    watch.limit(1_000, 'went silent');
    watch.pause();
    expect(vi.getTimerCount()).toBe(0);
  });
});
