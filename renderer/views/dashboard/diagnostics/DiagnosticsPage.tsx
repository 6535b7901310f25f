import { useState } from 'react';
import type { DoctorCheckView } from '../../../../app/contract/commands.ts';
import { useServices } from '../../../state/app-context.tsx';
import { useAsked } from '../../../state/use-asked.ts';
import { useCopied } from '../../../state/use-copied.ts';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import { PageHead } from '../PageHead.tsx';
import { DoctorCheck } from './DoctorCheck.tsx';
import { doctorReport } from './doctor-report.ts';
import { ThisMac } from './ThisMac.tsx';
import './diagnostics.css';

function verdict(checks: readonly DoctorCheckView[]): string {
  const failed = checks.filter(({ status }) => status === 'failed').length;
  const warned = checks.filter(({ status }) => status === 'warning').length;
  if (failed > 0) return failed === 1 ? 'One thing is wrong.' : `${failed} things are wrong.`;
  if (warned > 0)
    return warned === 1 ? 'It works; one thing could be better.' : `It works; ${warned} things could be better.`;
  return 'Everything is in order.';
}

export function DiagnosticsPage() {
  const { shell, mirror } = useServices();
  const [round, setRound] = useState(0);
  const { answer, failure, isAsking } = useAsked('runDoctor', {}, round);
  const { copied, copy } = useCopied(async () => {
    const { snapshot } = mirror.getState();
    if (snapshot) await shell.copyText(doctorReport(snapshot, answer?.checks ?? []));
  });
  return (
    <>
      <PageHead title="Diagnostics" about={isAsking ? 'Looking…' : answer ? verdict(answer.checks) : ''}>
        <Button onClick={copy} disabled={!answer}>
          {copied ? 'Copied' : 'Copy report'}
        </Button>
        <Button look="primary" onClick={() => setRound(round + 1)} disabled={isAsking}>
          Check again
        </Button>
      </PageHead>
      {failure && <Problem failure={failure} />}
      <Card flush label="Checks">
        <ul className="doctor">
          {answer?.checks.map((check) => (
            <DoctorCheck key={check.name} check={check} />
          ))}
          {!answer && !failure && <li className="card-row quiet">Asking engine, ports, ledger and peers…</li>}
        </ul>
      </Card>
      <ThisMac />
    </>
  );
}
