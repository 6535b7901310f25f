import type { CommandFailure } from '../../app/contract/commands.ts';
import './problem.css';

/** What is wrong and how to mend it, in the failure's own sentences. */
export function Problem({ failure }: { failure: Pick<CommandFailure, 'message' | 'hint'> }) {
  return (
    <div className="problem" role="alert">
      <span className="problem-sign" aria-hidden="true">
        !
      </span>
      <div className="selectable">
        <p className="strong">{failure.message}</p>
        {failure.hint && <p className="problem-hint">{failure.hint}</p>}
      </div>
    </div>
  );
}
