import { formatUntil } from '../../format/times.ts';
import { useSnapshot } from '../../state/app-context.tsx';
import { useCommand } from '../../state/use-command.ts';
import { Button } from '../../ui/Button.tsx';
import { Menu } from '../../ui/Menu.tsx';

/** A pause is the owner's: it ends by the clock, by the battery or by hand, and leaves the switch on. */
export function PauseControl() {
  const { phase, reasons, offline, pausedUntilMs } = useSnapshot((snapshot) => snapshot.sharing);
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  const command = useCommand();
  const pause = (minutes: number | null) => void command('pauseSharing', { minutes });
  const pauseUntil = (until: 'morning' | 'charged') => void command('pauseSharingUntil', { until });
  const why = reasons[0]?.code;

  if (offline)
    return (
      <div className="share-pause">
        <span className="quiet small">Your own prompts keep working here.</span>
        <Button small onClick={() => void command('setOffline', { offline: false })}>
          Go online
        </Button>
      </div>
    );
  if (phase === 'paused' || why === 'draining')
    return (
      <div className="share-pause">
        <span className="quiet small">
          {why === 'paused-until-charged'
            ? 'Until charged'
            : why === 'draining'
              ? 'Stops by itself'
              : pausedUntilMs === null
                ? 'Until you resume'
                : `Until ${formatUntil(pausedUntilMs, nowMs)}`}
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
          { text: 'Until tomorrow 8:00', onChoose: () => pauseUntil('morning') },
          { text: 'Until charged', onChoose: () => pauseUntil('charged') },
          { text: 'Until I resume', onChoose: () => pause(null) },
          { text: 'Finish what runs, then stop', onChoose: () => void command('drainSharing', {}) },
        ]}
      >
        Pause <span aria-hidden="true">▾</span>
      </Menu>
    </div>
  );
}
