import type { BreakdownRow } from '../../../../app/contract/commands.ts';
import { formatCompact, formatCount } from '../../../format/numbers.ts';
import { Card } from '../../../ui/Card.tsx';

const SHOWN_ROWS = 6;

export interface BreakdownProps {
  readonly title: string;
  readonly firstColumn: string;
  readonly rows: readonly BreakdownRow[];
}

export function Breakdown({ title, firstColumn, rows }: BreakdownProps) {
  const hidden = rows.length - SHOWN_ROWS;
  return (
    <Card flush label={title}>
      <table className="table breakdown">
        <caption className="visually-hidden">{title}</caption>
        <thead>
          <tr>
            <th scope="col">{firstColumn}</th>
            <th scope="col" className="number">
              Earned
            </th>
            <th scope="col" className="number">
              Spent
            </th>
            <th scope="col" className="number">
              Own use
            </th>
            <th scope="col" className="number">
              Jobs
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, SHOWN_ROWS).map((row) => (
            <tr key={row.name}>
              <td className="cut">{row.name}</td>
              <td className={`number ${row.earned > 0 ? 'earned' : 'quiet'}`}>{formatCompact(row.earned)}</td>
              <td className={`number ${row.spent > 0 ? 'spent' : 'quiet'}`}>{formatCompact(row.spent)}</td>
              <td className="number quiet">{formatCompact(row.ownTokens)}</td>
              <td className="number quiet">{formatCount(row.jobs)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length === 0 && <p className="breakdown-none quiet">Nothing in this time.</p>}
      {hidden > 0 && <p className="breakdown-none quiet small">and {hidden} more, all of them in the ledger</p>}
    </Card>
  );
}
