import { describe, expect, it } from 'vitest';
import { fitWindowState, parseWindowState } from './window-state.ts';

const STATE = { x: 100, y: 80, width: 1060, height: 740, isMaximized: false };
const MINIMUM = { width: 760, height: 520 };
const SCREEN = { x: 0, y: 25, width: 1440, height: 875 };

describe('what the file says', () => {
  it('reads what was written', () => {
    expect(parseWindowState(JSON.stringify(STATE))).toEqual(STATE);
  });

  it.each([
    ['nothing', ''],
    ['half a file', '{"x":100,"y"'],
    ['another shape', '[1,2,3]'],
    ['a word for a number', JSON.stringify({ ...STATE, width: 'wide' })],
    ['no width at all', JSON.stringify({ ...STATE, width: 0 })],
    ['a number no screen has', JSON.stringify({ ...STATE, height: 1e9 })],
    ['a missing member', JSON.stringify({ ...STATE, isMaximized: undefined })],
  ])('opens as if for the first time when there is %s', (_what, text) => {
    expect(parseWindowState(text)).toBeUndefined();
  });
});

describe('whether it fits the displays of today', () => {
  it('stays where it was', () => {
    expect(fitWindowState(STATE, MINIMUM, [SCREEN])).toEqual(STATE);
  });

  it('is on the display that still has it', () => {
    const second = { x: 1440, y: 0, width: 1920, height: 1080 };
    const there = { ...STATE, x: 1600 };
    expect(fitWindowState(there, MINIMUM, [SCREEN, second])).toEqual(there);
    expect(fitWindowState(there, MINIMUM, [SCREEN])).toBeUndefined();
  });

  it('is not left above the screen, where its title bar could not be grabbed', () => {
    expect(fitWindowState({ ...STATE, y: -300 }, MINIMUM, [SCREEN])).toBeUndefined();
    expect(fitWindowState({ ...STATE, x: -1000 }, MINIMUM, [SCREEN])).toBeUndefined();
  });

  it('is no larger than the display and no smaller than its content needs', () => {
    expect(fitWindowState({ ...STATE, width: 5000, height: 10 }, MINIMUM, [SCREEN])).toEqual({
      ...STATE,
      width: 1440,
      height: 520,
    });
  });
});
