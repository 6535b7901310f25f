import { describe, expect, it } from 'vitest';
import { formatAgo, formatDay, formatDuration, formatUntil, formatWhen } from './times.ts';

const noon = new Date(2026, 10, 28, 12, 0, 0).getTime();
const at = (day: number, hour: number, minute = 0) => new Date(2026, 10, day, hour, minute).getTime();

describe('times', () => {
  it('tells a time of today to the second, and a date before', () => {
    expect(formatWhen(at(28, 9, 41), noon)).toBe('09:41:00');
    expect(formatWhen(at(27, 23, 59), noon)).toBe('Nov 27, 23:59');
  });

  it.each([
    [30_000, 'just now'],
    [3 * 60_000, '3 min ago'],
    [5 * 3_600_000, '5 h ago'],
    [30 * 3_600_000, 'yesterday'],
    [3 * 86_400_000, '3 days ago'],
    [25 * 86_400_000, 'Nov 3'],
  ])('tells how long ago %d ms are', (ms, text) => expect(formatAgo(noon - ms, noon)).toBe(text));

  it('tells until when', () => {
    expect(formatUntil(at(28, 14, 30), noon)).toBe('14:30');
    expect(formatUntil(at(29, 8), noon)).toBe('tomorrow 08:00');
    expect(formatUntil(at(30, 8), noon)).toBe('Nov 30, 08:00');
  });

  it('tells how long something took', () => {
    expect(formatDuration(420)).toBe('0.4 s');
    expect(formatDuration(12_300)).toBe('12 s');
    expect(formatDuration(185_000)).toBe('3 min 05 s');
  });

  it('names a local day, whatever the time zone', () => {
    expect(formatDay('2026-11-28')).toBe('Nov 28');
  });
});
