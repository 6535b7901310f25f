import { describe, expect, it } from 'vitest';
import { createContextMemory } from './context-memory.ts';
import { pickContextSize } from './context-size.ts';

describe('pickContextSize', () => {
  it.each([
    [{ neededTokens: 10 }, 4096],
    [{ neededTokens: 4096 }, 4096],
    [{ neededTokens: 4097 }, 8192],
    [{ neededTokens: 30_000, modelTokens: 131_072 }, 32_768],
    [{ neededTokens: 10, modelTokens: 2048 }, 2048],
    [{ neededTokens: 900_000, modelTokens: 40_960 }, 40_960],
    [{ neededTokens: 10, loadedTokens: 16_384 }, 16_384],
    [{ neededTokens: 20_000, loadedTokens: 16_384 }, 32_768],
  ])('%o → %i', (input, expected) => {
    expect(pickContextSize(input)).toBe(expected);
  });
});

describe('context memory', () => {
  const size = { neededTokens: 10_000, modelTokens: 65_536, loadedTokens: 0 };

  it('keeps the larger context while an earlier request to the model still runs, and forgets it then', () => {
    const memory = createContextMemory();
    const large = memory.use('m', size);
    {
      using small = memory.use('m', { ...size, neededTokens: 10 });
      expect(small.contextTokens).toBe(16_384);
      expect(memory.use('other', { ...size, neededTokens: 10 }).contextTokens).toBe(4096);
    }
    large[Symbol.dispose]();
    expect(memory.use('m', { ...size, neededTokens: 10 }).contextTokens).toBe(4096);
  });

  it('grows by doubling until the model has no more', () => {
    const use = createContextMemory().use('m', size);
    expect([use.grow(), use.contextTokens, use.grow(), use.contextTokens, use.grow()]).toEqual([
      true,
      32_768,
      true,
      65_536,
      false,
    ]);
  });

  it('does not grow when nobody knows how far', () => {
    expect(
      createContextMemory()
        .use('m', { ...size, modelTokens: undefined })
        .grow(),
    ).toBe(false);
  });
});
