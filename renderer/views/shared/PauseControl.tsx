import { formatUntil } from '../../format/times.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { minutesUntilTomorrowMorning } from '../../state/pause-until.ts';
import { useCommand } from '../../state/use-command.ts';
import { Button } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';

/** A pause is the owner's: it ends by the clock or by hand, and leaves the switch on. */
export function PauseControl() {
  const { state, pausedUntilMs } = useSnapshot((snapshot) => snapshot.sharing);
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  const command = useCommand();
  const pause = (minutes: number | null) => void command('pauseSharing', { minutes });

  if (state === 'paused')
    return (
      <div className="share-pause">
        <span className="quiet small">
          {pausedUntilMs === null ? 'Until you resume' : `Until ${formatUntil(pausedUntilMs, nowMs)}`}
        </span>
        <Button small onClick={() => void command('resumeSharing', {})}>
          Resume
        </Button>
      </div>
    );
  return (
    <div className="share-pause">
      <span className="quiet small share-note">Your own prompts keep working.</span>
      <Menu
        triggerClass="button button-normal button-small"
        choices={[
          { text: 'For 1 hour', onChoose: () => pause(60) },
          { text: 'Until tomorrow 8:00', onChoose: () => pause(minutesUntilTomorrowMorning(new Date())) },
          { text: 'Until I resume', onChoose: () => pause(null) },
        ]}
      >
        Pause <span aria-hidden="true">▾</span>
      </Menu>
    </div>
  );
}
