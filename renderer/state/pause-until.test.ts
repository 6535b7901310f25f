import { describe, expect, it } from 'vitest';
import { minutesUntilTomorrowMorning } from './pause-until.ts';

describe('minutesUntilTomorrowMorning', () => {
  it.each([
    ['in the evening', new Date(2026, 10, 28, 20, 0), 12 * 60],
    ['after midnight it is the next morning, not this one', new Date(2026, 10, 28, 0, 30), 31 * 60 + 30],
    ['on the last day of a year', new Date(2026, 11, 31, 8, 0), 24 * 60],
    ['rounds up, so that it never ends before eight', new Date(2026, 10, 28, 7, 59, 30), 24 * 60 + 1],
  ])('%s', (_why, now, minutes) => {
    expect(minutesUntilTomorrowMorning(now)).toBe(minutes);
  });
});
