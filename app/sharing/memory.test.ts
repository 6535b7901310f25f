import { describe, expect, it } from 'vitest';
import { isUsedByOthers } from './engine-use.ts';
import { fits, neededBytes, type MemoryFacts } from './fits.ts';

const GB = 1024 ** 3;
const model = (sizeGb: number | undefined, loaded = false) => ({
  ...(sizeGb === undefined ? {} : { sizeBytes: sizeGb * GB }),
  loaded,
});
const facts = (members: Partial<MemoryFacts> = {}): MemoryFacts => ({
  totalBytes: 16 * GB,
  share: 0.9,
  ownerBytes: 0,
  isShort: false,
  ...members,
});

describe('what fits', () => {
  it('is weights, usual context and buffers', () => {
    // An 8B model of 5 GB: 0.5 GB of buffers, 1 GB for 8,192 tokens.
    expect((neededBytes(model(5)) ?? 0) / GB).toBeCloseTo(6.5, 5);
    expect((neededBytes({ ...model(5), contextLength: 2_048 }) ?? 0) / GB).toBeCloseTo(5.75, 5);
  });
  it.each<[string, ReturnType<typeof model>, Partial<MemoryFacts>, boolean]>([
    ['an 8B on 16 GB, idle', model(5), {}, true],
    ['the same while the machine is used: 8 GB at most', model(5), { share: 0.5 }, true],
    ['a 14B while it is used', model(9), { share: 0.5 }, false],
    ['a 14B, idle', model(9), {}, true],
    ['a 32B never', model(20), {}, false],
    ['not even when it is loaded: the machine would swap', model(20, true), {}, false],
    ['beside a model of the owner there is room', model(5), { ownerBytes: 6 * GB }, true],
    ['beside a large one there is not', model(5), { ownerBytes: 9 * GB }, false],
    [
      'when memory is short nothing is loaded beside a model of the owner',
      model(1),
      { ownerBytes: GB, isShort: true },
      false,
    ],
    ['but what is loaded already takes nothing', model(1, true), { ownerBytes: GB, isShort: true }, true],
    ['an unknown size is for the engine to refuse', model(undefined), { ownerBytes: 9 * GB }, true],
  ])('%s', (_why, asked, members, expected) => {
    expect(fits(asked, facts(members))).toBe(expected);
  });
});

describe('who used the engine', () => {
  const resident = (name: string, expiresAtMs: number, usedHereAtMs?: number) => ({
    name,
    expiresAtMs,
    usedHereAtMs,
    sizeBytes: 1,
  });
  const at = (atMs: number, ...residents: ReturnType<typeof resident>[]) => ({ atMs, residents });
  it.each<[string, Parameters<typeof isUsedByOthers>, boolean]>([
    ['the first look says nothing', [undefined, at(0, resident('a', 5))], false],
    ['nothing moved', [at(0, resident('a', 9_000)), at(5_000, resident('a', 9_000))], false],
    ['an expiry moved on', [at(0, resident('a', 9_000)), at(5_000, resident('a', 14_000))], true],
    ['but by us, just now', [at(10_000, resident('a', 9_000)), at(15_000, resident('a', 14_000, 12_000))], false],
    [
      'by us, and it still runs',
      [at(10_000, resident('a', 9_000)), at(15_000, resident('a', 14_000, Infinity))],
      false,
    ],
    [
      'by us long ago, by others now',
      [at(10_000, resident('a', 9_000, 4_000)), at(15_000, resident('a', 14_000, 4_000))],
      true,
    ],
    [
      'one by us, another by somebody else',
      [at(0, resident('a', 9), resident('b', 9)), at(5_000, resident('a', 9_000, 1_000), resident('b', 9_000))],
      true,
    ],
    ['a model appeared', [at(0), at(5_000, resident('a', 9_000))], true],
    ['a model was dropped', [at(0, resident('a', 9_000)), at(5_000)], false],
    ['kept for ever: nothing moves', [at(0, resident('a', Infinity)), at(5_000, resident('a', Infinity))], false],
    ['rounding is no use', [at(0, resident('a', 9_000)), at(5_000, resident('a', 9_900))], false],
  ])('%s', (_why, args, expected) => {
    expect(isUsedByOthers(...args)).toBe(expected);
  });
});
