import { formatCompact, formatCount } from '../../format/numbers.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { Card } from '../../ui/Card.tsx';
import '../../ui/swatch.css';
import { WeekBars } from './WeekBars.tsx';

export function TodayCard() {
  const today = useSnapshot((snapshot) => snapshot.today);
  const week = useSnapshot((snapshot) => snapshot.week);
  return (
    <Card label="Today">
      <dl className="today figures">
        <div>
          <dt>
            <i className="swatch swatch-good" aria-hidden="true" /> Earned today
          </dt>
          <dd>{formatCount(today.earned)}</dd>
        </div>
        <div>
          <dt>
            <i className="swatch swatch-spent" aria-hidden="true" /> Spent today
          </dt>
          <dd>{formatCount(today.spent)}</dd>
        </div>
        <div title="Tokens this Mac answered for you. They cost nothing.">
          <dt>Own use, free</dt>
          <dd className="today-own">{formatCompact(today.ownTokens)}</dd>
        </div>
      </dl>
      <WeekBars week={week} />
    </Card>
  );
}
