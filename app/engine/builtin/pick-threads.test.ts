import { describe, expect, it } from 'vitest';
import { pickThreads } from './pick-threads.ts';

const GB = 1024 ** 3;

describe('pickThreads', () => {
  it.each([
    ['a tiny model needs one, whatever there is', { modelBytes: 2_000_000, cores: 16, loadAverage: 0 }, 1],
    ['an idle machine gives all but one', { modelBytes: GB, cores: 8, loadAverage: 0.2 }, 7],
    ['a busy one what is free', { modelBytes: GB, cores: 8, loadAverage: 5.5 }, 2],
    ['an overloaded one a single thread', { modelBytes: GB, cores: 8, loadAverage: 20 }, 1],
    ['two free cores are both used', { modelBytes: GB, cores: 2, loadAverage: 0 }, 2],
  ])('%s', (_why, machine, threads) => {
    expect(pickThreads(machine)).toBe(threads);
  });
});
