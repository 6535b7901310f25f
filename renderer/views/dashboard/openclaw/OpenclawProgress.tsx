import type { OpenclawTaskView } from '../../../../app/contract/snapshot.ts';
import { Card } from '../../../ui/Card.tsx';
import { Problem } from '../../../ui/Problem.tsx';
import './openclaw.css';

const TITLES = {
  connect: { running: 'Connecting…', done: 'Connected', failed: 'Not connected' },
  disconnect: { running: 'Disconnecting…', done: 'Disconnected', failed: 'Not disconnected' },
} as const;

/** How far it is, in words: what is done, what is under way, how it ended. */
export function OpenclawProgress({ task }: { task: OpenclawTaskView }) {
  const { doing, state, steps, result, problem } = task;
  return (
    <Card label="Progress" className="stack">
      <b className="strong" role="status">
        {TITLES[doing][state]}
      </b>
      <ol className="openclaw-steps">
        {steps.map((sentence, at) => {
          const isLast = at === steps.length - 1;
          const mark = !isLast || state === 'done' ? 'done' : state === 'failed' ? 'failed' : 'under way';
          return (
            <li key={`${at} ${sentence}`} className={`openclaw-step openclaw-${mark.replace(' ', '-')}`}>
              <span className="openclaw-sign" role="img" aria-label={mark}>
                {mark === 'done' ? '✓' : mark === 'failed' ? '✗' : '…'}
              </span>
              {sentence}
            </li>
          );
        })}
      </ol>
      {result !== null && <p className="selectable">{result}</p>}
      {doing === 'connect' && state === 'done' && (
        <p className="quiet">
          A gateway that runs sees it after <code className="selectable">openclaw gateway restart</code>.
        </p>
      )}
      {problem && <Problem failure={problem} />}
    </Card>
  );
}
