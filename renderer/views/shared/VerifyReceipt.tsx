import { useState } from 'react';
import type { VerificationView } from '../../../app/contract/commands.ts';
import { useCommand } from '../../state/use-command.ts';
import { Button } from '../../ui/Button.tsx';

/** Checks signatures, job id and books anew, and shows each check by itself. */
export function VerifyReceipt({ jobId }: { jobId: string }) {
  const [result, setResult] = useState<VerificationView | null>(null);
  const [isBusy, setIsBusy] = useState(false);
  const command = useCommand();
  const verify = async () => {
    setIsBusy(true);
    setResult((await command('verifyLedgerEntry', { jobId })) ?? null);
    setIsBusy(false);
  };
  return (
    <section className="card verify" aria-label="Verification">
      <div className="row">
        <span role="status" className={result ? (result.ok ? 'earned strong' : 'trouble strong') : 'quiet'}>
          {result
            ? result.ok
              ? 'Everything holds'
              : 'Something does not hold'
            : 'Do the signatures and the books hold?'}
        </span>
        <Button small onClick={() => void verify()} disabled={isBusy}>
          {result ? 'Verify again' : 'Verify'}
        </Button>
      </div>
      {result && (
        <ul className="checks">
          {result.checks.map((check) => (
            <li key={check.what}>
              <span
                className={check.ok ? 'earned' : 'trouble'}
                aria-label={check.ok ? 'holds' : 'does not hold'}
                role="img"
              >
                {check.ok ? '✓' : '✗'}
              </span>
              <span>
                {check.what}
                {check.detail !== null && <span className="quiet small check-detail">{check.detail}</span>}
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
