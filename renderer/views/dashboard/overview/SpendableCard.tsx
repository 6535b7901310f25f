import { useMemo } from 'react';
import { formatCount } from '../../../format/numbers.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { dashboardHash } from '../../../state/route.ts';
import { Card } from '../../../ui/Card.tsx';
import { CreditBar } from './CreditBar.tsx';

const SHOWN_PEERS = 8;

/** Credit is a tab with each peer, so it is shown peer by peer: a sum could be spent nowhere. */
export function SpendableCard() {
  const peers = useSnapshot((snapshot) => snapshot.peers);
  const tabs = useMemo(
    () => peers.filter(({ credit }) => credit !== 0).sort((a, b) => Math.abs(b.credit) - Math.abs(a.credit)),
    [peers],
  );
  const most = Math.max(1, ...tabs.map(({ credit }) => Math.abs(credit)));
  if (tabs.length === 0) return null;
  return (
    <Card label="Credit by peer" className="tabs-card">
      <div className="card-head">
        <h2>Credit, peer by peer</h2>
        <span className="quiet small">You can spend it with the peer it was earned from.</span>
      </div>
      <ul className="tabs-list">
        {tabs.slice(0, SHOWN_PEERS).map((peer) => (
          <li key={peer.pubkey}>
            <span className="cut">{peer.label}</span>
            <CreditBar credit={peer.credit} most={most} />
            <span className={`figures ${peer.credit > 0 ? 'earned' : 'spent'}`}>
              {formatCount(Math.abs(peer.credit))}
            </span>
            <span className="quiet small">{peer.credit > 0 ? 'you can spend' : 'you owe'}</span>
          </li>
        ))}
      </ul>
      {tabs.length > SHOWN_PEERS && (
        <a className="quiet small" href={dashboardHash('peers')}>
          All {tabs.length} ›
        </a>
      )}
    </Card>
  );
}
