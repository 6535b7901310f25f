import type { DayView } from '../../../app/contract/snapshot.ts';
import { formatCount } from '../../format/numbers.ts';
import { formatWeekday } from '../../format/times.ts';

const WIDTH = 330;
const HEIGHT = 40;
const BAR = 14;

/** Earned and spent of the last seven days. A day with nothing keeps a hairline, so that seven days stay seven. */
export function WeekBars({ week }: { week: readonly DayView[] }) {
  const most = Math.max(1, ...week.map((day) => Math.max(day.earned, day.spent)));
  const step = WIDTH / Math.max(1, week.length);
  const height = (value: number) => Math.max(value > 0 ? 3 : 1, (value / most) * HEIGHT);
  const words = week
    .map((day) => `${formatWeekday(day.day)}: ${formatCount(day.earned)} earned, ${formatCount(day.spent)} spent`)
    .join('; ');

  return (
    <svg className="week" viewBox={`0 0 ${WIDTH} ${HEIGHT + 16}`} role="img" aria-label={`Last seven days. ${words}`}>
      {week.map((day, index) => {
        const middle = (index + 0.5) * step;
        const isToday = index === week.length - 1;
        const bars = [
          { value: day.earned, x: middle - BAR - 1, tone: 'good' },
          { value: day.spent, x: middle + 1, tone: 'spent' },
        ];
        return (
          <g key={day.day}>
            {bars.map(({ value, x, tone }) => (
              <rect
                key={tone}
                className={value > 0 ? `week-${tone}` : 'week-none'}
                x={x}
                y={HEIGHT - height(value)}
                width={BAR}
                height={height(value)}
                rx={Math.min(3, height(value) / 2)}
              />
            ))}
            <text className={isToday ? 'week-today' : 'week-day'} x={middle} y={HEIGHT + 13} textAnchor="middle">
              {isToday ? 'Today' : formatWeekday(day.day).slice(0, 3)}
            </text>
          </g>
        );
      })}
    </svg>
  );
}
