import { describe, expect, it } from 'vitest';
import { mockDays } from '../../../mock/mock-ledger.ts';
import { createRandom } from '../../../mock/random.ts';
import { chartPoints } from './chart-points.ts';

const today = new Date(2026, 10, 28, 12).getTime();
const days = (count: number) => mockDays(count, createRandom(1), today, false);

describe('chartPoints', () => {
  it('runs the difference up from the first day', () => {
    const { per, points } = chartPoints(days(7));
    expect(per).toBe('day');
    expect(points.at(-1)?.difference).toBe(points.reduce((sum, { earned, spent }) => sum + earned - spent, 0));
  });

  it('makes whole weeks of a year, loses no day, and keeps the distances equal', () => {
    const year = days(365);
    const { per, points } = chartPoints(year);
    expect(per).toBe('week');
    expect(points).toHaveLength(53);
    expect(points.reduce((sum, { earned }) => sum + earned, 0)).toBe(year.reduce((sum, { earned }) => sum + earned, 0));
    const dayDistances = points
      .slice(1)
      .map(({ atSeconds }, index) => Math.round((atSeconds - points[index]!.atSeconds) / 86_400));
    expect(new Set(dayDistances)).toEqual(new Set([7]));
  });

  it('has nothing to show for nothing', () => {
    expect(chartPoints([])).toEqual({ per: 'day', points: [] });
  });
});
