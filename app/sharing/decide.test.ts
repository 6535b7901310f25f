import { describe, expect, it } from 'vitest';
import { decideSharing } from './decide.ts';

describe('decideSharing', () => {
  it.each([
    ['off is off', false, undefined, 'off'],
    ['off beats a pause', false, 2_000, 'off'],
    ['on is ready', true, undefined, 'ready'],
    ['an open pause holds', true, 'open' as const, 'paused'],
    ['a pause holds until its end', true, 1_001, 'paused'],
    ['and ends by itself', true, 1_000, 'ready'],
  ])('%s', (_name, on, pausedUntilMs, state) => {
    expect(decideSharing({ on, pausedUntilMs }, 1_000).state).toBe(state);
  });
});
