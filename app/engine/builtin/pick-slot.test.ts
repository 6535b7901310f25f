import { describe, expect, it } from 'vitest';
import { pickSlot, type SlotState } from './pick-slot.ts';

const slot = (kept: number, shared: number, lastUse = 1): SlotState => ({ kept, shared, lastUse });

describe('a prompt is read', () => {
  it.each<[string, SlotState[], boolean, number | 'new']>([
    ['in a new place when there is none', [], false, 'new'],
    ['where it goes on', [slot(1000, 900), slot(500, 20)], true, 0],
    ['where nothing is kept', [slot(0, 0)], true, 0],
    ['beside a conversation that is not its own', [slot(1000, 20)], true, 'new'],
    ['over it, when there is no memory for another', [slot(1000, 20)], false, 0],
    ['over what was not used for longest', [slot(1000, 9, 5), slot(1000, 8, 2), slot(1000, 7, 9)], true, 1],
  ])('%s', (_name, slots, mayAdd, expected) => {
    expect(pickSlot(slots, mayAdd)).toBe(expected);
  });
});
