import type { OverviewView } from '../../../../app/contract/commands.ts';
import { formatCompact, formatCount, formatNumberOf } from '../../../format/numbers.ts';
import { Card } from '../../../ui/Card.tsx';

/** Drawn before the answer is there too, with dashes, so that nothing moves when it comes. */
export function FourNumbers({ overview }: { overview: OverviewView | null }) {
  const most = overview?.spendable.most;
  return (
    <div className="four">
      <Card>
        <div className="quiet small">Earned</div>
        <div className="four-number figures">{overview ? formatCount(overview.earned) : '–'}</div>
        <div className="quiet cut">
          {overview
            ? `${formatNumberOf(overview.served.jobs, 'job')} · ${formatNumberOf(overview.served.peers, 'peer')}`
            : ' '}
        </div>
      </Card>
      <Card>
        <div className="quiet small">Spent</div>
        <div className="four-number figures">{overview ? formatCount(overview.spent) : '–'}</div>
        <div className="quiet cut">
          {overview
            ? `${formatNumberOf(overview.asked.jobs, 'request')} · ${formatNumberOf(overview.asked.peers, 'peer')}`
            : ' '}
        </div>
      </Card>
      <Card>
        <div className="quiet small">Spendable with</div>
        <div className="four-number figures">{overview ? formatNumberOf(overview.spendable.peers, 'peer') : '–'}</div>
        <div className="quiet cut">
          {most ? `most: ${most.label} ${formatCompact(most.credit)}` : overview ? 'Serve a peer to earn credit' : ' '}
        </div>
      </Card>
      <Card>
        <div className="quiet small">Own use, free</div>
        <div className="four-number four-own figures">{overview ? formatCompact(overview.ownTokens) : '–'}</div>
        <div className="quiet cut">
          {overview
            ? overview.given > 0
              ? `and ${formatCompact(overview.given)} given away`
              : 'tokens on this Mac'
            : ' '}
        </div>
      </Card>
    </div>
  );
}
