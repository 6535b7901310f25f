import type { DayView } from '../../../../app/contract/snapshot.ts';
import { formatDay, parseDay } from '../../../format/times.ts';

/** More bars than this are too thin to tell apart, so days are drawn as weeks. */
const MAX_BARS = 90;
const DAYS_PER_WEEK = 7;

export interface ChartPoint {
  readonly name: string;
  readonly atSeconds: number;
  readonly earned: number;
  readonly spent: number;
  /** earned minus spent since the first day of the chart */
  readonly difference: number;
}

export interface ChartPoints {
  readonly per: 'day' | 'week';
  readonly points: readonly ChartPoint[];
}

export function chartPoints(days: readonly DayView[]): ChartPoints {
  const per = days.length > MAX_BARS ? 'week' : 'day';
  const groups = per === 'day' ? days.map((day) => [day]) : weeksEndingWithTheLastDay(days);
  let difference = 0;
  const points = groups.map((group) => {
    const first = group[0] as DayView;
    const last = group.at(-1) as DayView;
    const earned = group.reduce((sum, day) => sum + day.earned, 0);
    const spent = group.reduce((sum, day) => sum + day.spent, 0);
    difference += earned - spent;
    const name = per === 'day' ? formatDay(first.day) : `Week from ${formatDay(first.day)}`;
    // Groups stand at their last day: that keeps their distances equal, also that of a first week that is not whole.
    return { name, atSeconds: parseDay(last.day).getTime() / 1_000, earned, spent, difference };
  });
  return { per, points };
}

/** The newest week is whole; the oldest takes what is left over. */
function weeksEndingWithTheLastDay(days: readonly DayView[]): DayView[][] {
  const weeks: DayView[][] = [];
  for (let end = days.length; end > 0; end -= DAYS_PER_WEEK)
    weeks.unshift(days.slice(Math.max(0, end - DAYS_PER_WEEK), end));
  return weeks;
}
