import { useState } from 'react';
import { useSnapshot } from '../../../state/app-context.tsx';
import { useAsked } from '../../../state/use-asked.ts';
import { Problem } from '../../../ui/Problem.tsx';
import { Segments } from '../../../ui/Segments.tsx';
import { ShareCard } from '../../shared/ShareCard.tsx';
import { PageHead } from '../PageHead.tsx';
import { Breakdown } from './Breakdown.tsx';
import { CreditsCard } from './CreditsCard.tsx';
import { FourNumbers } from './FourNumbers.tsx';
import { SpendableCard } from './SpendableCard.tsx';
import './overview.css';

const SPANS = [
  { value: '7', text: '7 days' },
  { value: '30', text: '30 days' },
  { value: '365', text: 'Year' },
] as const;
type Span = (typeof SPANS)[number]['value'];

export function OverviewPage() {
  const [span, setSpan] = useState<Span>('30');
  const today = useSnapshot((snapshot) => snapshot.today);
  const { answer, failure } = useAsked('getOverview', { days: Number(span) as 7 | 30 | 365 }, today);
  return (
    <>
      <PageHead title="Overview">
        <Segments label="Time span" value={span} options={SPANS} onChange={setSpan} />
      </PageHead>
      <ShareCard />
      {failure && <Problem failure={failure} />}
      <FourNumbers overview={answer} />
      <CreditsCard days={answer?.days ?? []} />
      <div className="overview-pair">
        <Breakdown title="By model" rows={answer?.byModel ?? []} firstColumn="Model" />
        <Breakdown title="By peer" rows={answer?.byPeer ?? []} firstColumn="Peer" />
      </div>
      <SpendableCard />
    </>
  );
}
