import { useId } from 'react';
import { Switch } from '../../ui/Switch.tsx';

export interface OptInRowProps {
  readonly title: string;
  /** one sentence: what it sends, and to whom */
  readonly sends: string;
  readonly on: boolean;
  /** what is happening, while it is on */
  readonly sentence: string | null;
  readonly trackers: readonly string[];
  readonly onTurn: (on: boolean) => void;
}

/** An opt-in: what it would send stands there before it is switched, and stays there. */
export function OptInRow({ title, sends, on, sentence, trackers, onTurn }: OptInRowProps) {
  const id = useId();
  return (
    <div className="card-row">
      <div>
        <b className="strong">{title}</b>
        <p id={id}>{sends}</p>
        {sentence !== null && (
          <p role="status">
            <span className="strong">{sentence}</span> <span className="quiet small">{trackers.join(', ')}</span>
          </p>
        )}
      </div>
      <Switch label={title} describedBy={id} checked={on} onChange={onTurn} />
    </div>
  );
}
