import { useEffect, useState } from 'react';
import type { LedgerCheckView } from '../../../../app/contract/commands.ts';
import { formatNumberOf } from '../../../format/numbers.ts';
import { useCommand } from '../../../state/use-command.ts';
import { Button } from '../../../ui/Button.tsx';

const LOOK_EVERY_MS = 500;
const STEPS: Record<NonNullable<LedgerCheckView['step']>, string> = {
  file: 'Reading the file',
  sums: 'Adding up the books',
  signatures: 'Verifying signatures',
};

function sentence({ state, step, done, total, entries, problemCount, message }: LedgerCheckView): string {
  if (state === 'failed') return message ?? 'The ledger could not be verified.';
  if (state === 'running')
    return step ? `${STEPS[step]}: ${total > 0 ? Math.floor((done / total) * 100) : 0} %` : 'Starting…';
  if (problemCount > 0) return `${formatNumberOf(problemCount, 'thing is', 'things are')} wrong in the books.`;
  return `${formatNumberOf(entries, 'entry', 'entries')}: every signature is genuine, and the books sum to zero.`;
}

/** Verifies everything that the ledger holds, with progress; it goes on while other pages are looked at. */
export function VerifyBooks() {
  const command = useCommand();
  const [check, setCheck] = useState<LedgerCheckView | null>(null);
  const isRunning = check?.state === 'running';

  useEffect(() => {
    void command('getLedgerCheck', {}).then((view) => view && setCheck(view));
  }, [command]);
  useEffect(() => {
    if (!isRunning) return undefined;
    const timer = setInterval(
      () => void command('getLedgerCheck', {}).then((view) => view && setCheck(view)),
      LOOK_EVERY_MS,
    );
    return () => clearInterval(timer);
  }, [command, isRunning]);

  const run = async (name: 'startLedgerCheck' | 'stopLedgerCheck') => {
    const view = await command(name, {});
    if (view) setCheck(view);
  };
  return (
    <div className="verify-books">
      {check && check.state !== 'idle' && (
        <span
          className={check.problemCount > 0 || check.state === 'failed' ? 'trouble small' : 'quiet small'}
          role="status"
        >
          {sentence(check)}
        </span>
      )}
      <Button small onClick={() => void run(isRunning ? 'stopLedgerCheck' : 'startLedgerCheck')}>
        {isRunning ? 'Stop' : 'Check the books'}
      </Button>
      {check && check.problems.length > 0 && (
        <ul className="small verify-books-problems" aria-label="What is wrong">
          {check.problems.map(({ name, what }) => (
            <li key={name + what}>
              <code>{name.length > 24 ? `${name.slice(0, 24)}…` : name}</code>: {what}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
