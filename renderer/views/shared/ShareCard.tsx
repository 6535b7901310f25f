import { useSnapshot } from '../../state/app-context.tsx';
import { useCommand } from '../../state/use-command.ts';
import { Card } from '../../ui/Card.tsx';
import { Dot } from '../../ui/Dot.tsx';
import { Switch } from '../../ui/Switch.tsx';
import { PauseControl } from './PauseControl.tsx';
import { WaitingReasons } from './WaitingReasons.tsx';
import { SHARING_TONE } from './sharing-look.ts';
import './share-card.css';

/** The big switch, and in one sentence what is happening and why. */
export function ShareCard() {
  const sharing = useSnapshot((snapshot) => snapshot.sharing);
  const command = useCommand();
  return (
    <Card label="Sharing" className="share">
      <div className="share-grid">
        <div>
          <h2 className="share-title">Share idle compute</h2>
          <p className="share-sentence" id="share-sentence" aria-live="polite">
            <Dot tone={SHARING_TONE[sharing.state]} busy={sharing.state === 'serving'} />
            <span>{sharing.sentence}</span>
          </p>
          {sharing.on && <WaitingReasons />}
        </div>
        <Switch
          big
          label="Share idle compute"
          describedBy="share-sentence"
          checked={sharing.on}
          onChange={(on) => void command('setSharing', { on })}
        />
        {sharing.on && <PauseControl />}
      </div>
    </Card>
  );
}
