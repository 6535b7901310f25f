import { describe, expect, it } from 'vitest';
import { rowStep } from './list-keys.ts';

describe('rowStep', () => {
  it.each([
    ['ArrowDown', 3, 4],
    ['ArrowUp', 3, 2],
    ['ArrowUp', 0, 0],
    ['ArrowDown', 99, 99],
    ['PageDown', 95, 99],
    ['Home', 50, 0],
    ['End', 50, 99],
    ['Enter', 50, undefined],
  ])('%s from %d', (key, from, to) => expect(rowStep(key, from, 100)).toBe(to));

  it('goes nowhere in an empty list', () => expect(rowStep('End', 0, 0)).toBeUndefined());
});
