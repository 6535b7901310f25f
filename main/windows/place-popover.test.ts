import { describe, expect, it } from 'vitest';
import { placePopover } from './place-popover.ts';

const SIZE = { width: 360, height: 480 };
/** A Mac's screen of 1440 × 900 with the menu bar on top. */
const LEFT = { x: 0, y: 25, width: 1440, height: 875 };
/** A second one to its right. */
const RIGHT = { x: 1440, y: 25, width: 1920, height: 1055 };

describe('where the popover goes', () => {
  it('centred under the icon', () => {
    expect(placePopover({ x: 1000, y: 0, width: 30, height: 24 }, SIZE, LEFT)).toEqual({ x: 835, y: 31, ...SIZE });
  });

  it('not over the right edge, when the icon is close to it', () => {
    const { x } = placePopover({ x: 1400, y: 0, width: 30, height: 24 }, SIZE, LEFT);
    expect(x + SIZE.width).toBe(1440 - 8);
  });

  it('on the second display, not on the first', () => {
    const { x } = placePopover({ x: 1445, y: 0, width: 30, height: 24 }, SIZE, RIGHT);
    expect(x).toBe(1440 + 8);
  });

  it('above the icon, where the bar is at the bottom', () => {
    const area = { x: 0, y: 0, width: 1440, height: 860 };
    const place = placePopover({ x: 1000, y: 866, width: 30, height: 24 }, SIZE, area);
    expect(place.y + place.height).toBe(860 - 6);
  });

  it('in the corner of the icons, when the icon has no place', () => {
    const corner = { x: 1440 - 360 - 8, y: 31, ...SIZE };
    expect(placePopover(undefined, SIZE, LEFT)).toEqual(corner);
    expect(placePopover({ x: 0, y: 0, width: 0, height: 0 }, SIZE, LEFT)).toEqual(corner);
  });

  it('no taller than the screen', () => {
    const place = placePopover({ x: 700, y: 0, width: 30, height: 24 }, { width: 360, height: 3000 }, LEFT);
    expect(place.y).toBe(31);
    expect(place.y + place.height).toBe(900 - 8);
  });
});
