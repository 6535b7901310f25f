import { useMemo, useState } from 'react';
import type { DayView } from '../../../../app/contract/snapshot.ts';
import { formatCount, formatSigned } from '../../../format/numbers.ts';
import { Card } from '../../../ui/Card.tsx';
import { chartPoints } from './chart-points.ts';
import { CreditsChart } from './CreditsChart.tsx';
import '../../../ui/swatch.css';

export function CreditsCard({ days }: { days: readonly DayView[] }) {
  const [hovered, setHovered] = useState<number | null>(null);
  const { per, points } = useMemo(() => chartPoints(days), [days]);
  const point = hovered === null ? undefined : points[hovered];
  const last = points.at(-1);
  const isEmpty = points.length > 0 && points.every(({ earned, spent }) => earned === 0 && spent === 0);
  const words = last
    ? `Credits per ${per}, ${points.length} ${per}s. Earned minus spent over all of them: ${formatSigned(last.difference)}.`
    : 'No credits yet.';

  return (
    <Card className="credits" label={`Credits per ${per}`}>
      <div className="card-head">
        <h2>{point ? point.name : `Credits per ${per}`}</h2>
        <div className="legend figures" aria-hidden="true">
          <span>
            <i className="swatch swatch-good" /> earned{point && <b>{formatCount(point.earned)}</b>}
          </span>
          <span>
            <i className="swatch swatch-spent" /> spent{point && <b>{formatCount(point.spent)}</b>}
          </span>
          <span>
            <i className="swatch swatch-line" /> running difference{point && <b>{formatSigned(point.difference)}</b>}
          </span>
        </div>
      </div>
      <div className="credits-chart" role="img" aria-label={words}>
        {isEmpty ? (
          <p className="credits-empty quiet">
            Nothing earned or spent in this time. Share, or ask a peer, and it shows here.
          </p>
        ) : (
          <CreditsChart points={points} onHover={setHovered} />
        )}
      </div>
    </Card>
  );
}
