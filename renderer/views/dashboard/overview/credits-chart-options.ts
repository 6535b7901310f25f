import uPlot from 'uplot';
import { formatCompact } from '../../../format/numbers.ts';

const dayName = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric' });

/** Earned and spent side by side on the left scale; their running difference as a line on its own, right one. */
export function creditsChartOptions(
  style: CSSStyleDeclaration,
  onHover: (index: number | null) => void,
): Omit<uPlot.Options, 'width' | 'height'> {
  const colour = (token: string) => style.getPropertyValue(token).trim();
  const axis = {
    stroke: colour('--ink-2'),
    font: `11px ${style.fontFamily}`,
    ticks: { show: false },
    gap: 6,
  };
  const bars = (align: -1 | 1, token: string): uPlot.Series => ({
    fill: colour(token),
    width: 0,
    points: { show: false },
    paths: uPlot.paths.bars!({ size: [0.38, 13], align, gap: 1, radius: 0.28 }),
  });

  return {
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    padding: [8, 0, 0, 0],
    scales: {
      x: { time: true, range: (_chart, min, max) => padded(min, max) },
      y: { range: (_chart, _min, max) => [0, Math.max(10, (max ?? 0) * 1.08)] },
      difference: { range: (_chart, min, max) => [Math.min(0, min ?? 0), Math.max(10, (max ?? 0) * 1.12)] },
    },
    axes: [
      {
        ...axis,
        grid: { show: false },
        size: 22,
        space: 70,
        values: (chart, seconds) =>
          seconds.map((second) => (isAfterLast(chart, second) ? '' : dayName.format(second * 1_000))),
      },
      {
        ...axis,
        grid: { stroke: colour('--line'), width: 1 },
        size: labelWidth,
        space: 36,
        values: (_chart, credits) => credits.map(formatCompact),
      },
      {
        ...axis,
        scale: 'difference',
        side: 1,
        grid: { show: false },
        size: labelWidth,
        space: 36,
        values: (_chart, credits) => credits.map(formatCompact),
      },
    ],
    series: [
      {},
      bars(-1, '--good'),
      bars(1, '--spent'),
      { scale: 'difference', stroke: colour('--ink-3'), width: 1.5, points: { show: false } },
    ],
    hooks: { setCursor: [(chart) => onHover(chart.cursor.idx ?? null)] },
  };
}

const LABEL_CHARACTER_PX = 6.6;
const LABEL_GAP_PX = 8;

/** As wide as its longest label and no wider, so that the bars get the rest. */
function labelWidth(_chart: uPlot, labels: readonly string[] | null): number {
  const longest = Math.max(0, ...(labels ?? []).map((label) => label.length));
  return Math.ceil(longest * LABEL_CHARACTER_PX) + LABEL_GAP_PX;
}

const DAY_SECONDS = 86_400;

/** The room right of the last bars is in the future: no day of it is named. */
function isAfterLast(chart: uPlot, second: number): boolean {
  return second > (chart.data[0].at(-1) ?? 0);
}

/** Half a step of room on both sides, so that the first and the last bars are whole. */
function padded(min: number | null, max: number | null): [number, number] {
  if (min === null || max === null) return [0, DAY_SECONDS];
  const room = Math.max(DAY_SECONDS * 0.6, (max - min) * 0.014);
  return [min - room, max + room];
}
