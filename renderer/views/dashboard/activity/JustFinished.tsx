import { formatCount, formatSigned } from '../../../format/numbers.ts';
import { formatWhen } from '../../../format/times.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { dashboardHash } from '../../../state/route.ts';
import { useAsked } from '../../../state/use-asked.ts';
import { Card } from '../../../ui/Card.tsx';

const SHOWN_ENTRIES = 5;

/** The end of what was just seen running: where it went in the ledger. */
export function JustFinished() {
  const today = useSnapshot((snapshot) => snapshot.today);
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  const { answer } = useAsked('getLedgerPage', { limit: SHOWN_ENTRIES }, today);
  if (!answer || answer.entries.length === 0) return null;
  return (
    <section className="activity-group" aria-label="Just finished">
      <h2 className="section-title">Just finished</h2>
      <Card flush>
        <ul>
          {answer.entries.map((entry) => (
            <li key={entry.jobId}>
              <a className="finished figures" href={dashboardHash('ledger', entry.jobId)}>
                <span className="quiet">{formatWhen(entry.atMs, nowMs)}</span>
                <span className="cut">
                  {entry.model}{' '}
                  <span className="quiet small">{entry.kind === 'own' ? 'for yourself' : entry.with}</span>
                </span>
                <span className="quiet small">{formatCount(entry.inputTokens + entry.outputTokens)} tokens</span>
                <span className={entry.credits > 0 ? 'earned' : entry.credits < 0 ? 'spent' : 'quiet'}>
                  {entry.kind === 'own' ? 'free' : entry.kind === 'given' ? 'given' : formatSigned(entry.credits)}
                </span>
              </a>
            </li>
          ))}
        </ul>
      </Card>
    </section>
  );
}
