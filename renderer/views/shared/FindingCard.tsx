import { useState } from 'react';
import { useSnapshot } from '../../state/app-context.tsx';
import { showDone } from '../../state/toasts.ts';
import { useCommand } from '../../state/use-command.ts';
import { Card } from '../../ui/Card.tsx';
import { OverlayRow } from './OverlayRow.tsx';
import { OptInRow } from './OptInRow.tsx';
import { TrackerSheet, type TrackerOptIn } from './TrackerSheet.tsx';

/** What leaves this Mac and to whom, before anybody agrees to it. */
const ANNOUNCE_SENDS =
  'While you share, sends your public key, the address and label you give, and the names of your shared models to the trackers you name; everybody who reads them can see it.';
const SYNC_SENDS =
  'Every two minutes asks the trackers you name for their list; they see your IP address and nothing else. Peers from it are asked how they are, and may get a prompt when nobody you added can answer it.';

/** Being found, finding others, and reaching them: switches, each off until it is turned on here. */
export function FindingCard() {
  const { announce, trackerSync } = useSnapshot((snapshot) => snapshot.finding);
  const [asking, setAsking] = useState<TrackerOptIn | null>(null);
  const command = useCommand();

  const stopAnnouncing = async () => {
    if ((await command('setAnnounce', { state: 'off' })) !== undefined) showDone('No longer announced');
  };
  const stopReading = async () => {
    if ((await command('setTrackerSync', { state: 'off' })) !== undefined) showDone('Trackers are no longer asked');
  };

  return (
    <Card flush label="Finding peers">
      <OptInRow
        title="Announce this Mac"
        sends={ANNOUNCE_SENDS}
        on={announce.state === 'on'}
        sentence={announce.state === 'on' ? announce.sentence : null}
        trackers={announce.state === 'on' ? announce.trackers.map(({ url }) => url) : []}
        onTurn={(on) => (on ? setAsking('announce') : void stopAnnouncing())}
      />
      <OptInRow
        title="Find peers on trackers"
        sends={SYNC_SENDS}
        on={trackerSync.state === 'on'}
        sentence={trackerSync.state === 'on' ? trackerSync.sentence : null}
        trackers={trackerSync.state === 'on' ? trackerSync.trackers.map(({ url }) => url) : []}
        onTurn={(on) => (on ? setAsking('sync') : void stopReading())}
      />
      <OverlayRow />
      <TrackerSheet kind={asking} onClose={() => setAsking(null)} />
    </Card>
  );
}
