import { describe, expect, it } from 'vitest';
import { lookAtSchedule, parseSchedule, tomorrowMorning } from './schedule.ts';

/** 23 November 2026 is a Monday. */
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

describe('parseSchedule', () => {
  it.each(['', 'mon 22:00-07:00', 'mon-fri 22:00-7:00, sat-sun 00:00-24:00', 'SAT-MON 1:30-2:00'])('%j', (text) => {
    expect(parseSchedule(text)).toBeDefined();
  });
  it.each([
    ['monday 1:00-2:00', 'three letters'],
    ['mon 22-7', 'minutes are written'],
    ['mon 24:00-25:00', 'a day has 24 hours'],
    ['mon 12:60-13:00', 'an hour has 60 minutes'],
    ['mon 9:00-9:00', 'an empty window would be a full day to some and none to others'],
    ['mon 1:00-2:00,', 'nothing after the comma'],
    ['22:00-07:00', 'a day is named'],
  ])('%j is refused: %s', (text) => {
    expect(parseSchedule(text)).toBeUndefined();
  });
});

describe('lookAtSchedule', () => {
  const nights = parseSchedule('mon-fri 22:00-07:00, sat 10:00-12:00')!;
  it.each<[string, number, boolean, number | undefined]>([
    ['before the night', at(23, 21, 59), false, at(23, 22)],
    ['the night begins', at(23, 22), true, undefined],
    ['over midnight', at(24, 3), true, undefined],
    ['and ends', at(24, 7), false, at(24, 22)],
    ['Friday reaches into Saturday', at(28, 6, 59), true, undefined],
    ['Saturday at eight', at(28, 8), false, at(28, 10)],
    ['Saturday at eleven', at(28, 11), true, undefined],
    ['Sunday has none: Monday evening is next', at(29, 12), false, at(30, 22)],
    ['Sunday does not reach into Monday', at(30, 3), false, at(30, 22)],
  ])('%s', (_when, nowMs, isTime, opensAtMs) => {
    expect(lookAtSchedule(nights, nowMs)).toEqual({ isTime, opensAtMs });
  });
  it('none: at any time', () => {
    expect(lookAtSchedule([], at(23, 4)).isTime).toBe(true);
  });
});

describe('tomorrowMorning', () => {
  it.each([
    ['in the evening', at(28, 20), at(29, 8)],
    ['after midnight it is the next morning, not this one', at(28, 0, 30), at(29, 8)],
  ])('%s', (_when, nowMs, morning) => {
    expect(tomorrowMorning(nowMs)).toBe(morning);
  });
});
