import { useState } from 'react';
import { useSnapshot } from '../../state/app-context.tsx';
import { showDone } from '../../state/toasts.ts';
import { useCommand } from '../../state/use-command.ts';
import { CopyButton } from '../../ui/CopyButton.tsx';
import { OptInRow } from './OptInRow.tsx';
import { OverlaySheet } from './OverlaySheet.tsx';
import './overlay.css';

/** What it sends and to whom, before anybody agrees to it. */
const OVERLAY_SENDS =
  'Connects you with peers through routers and firewalls, encrypted from end to end. The relay you choose learns your key, your IP address and how much is sent, never what; the public ones also publish under your key where you are found. Peers you connect with learn your IP address, unless you choose relays only.';

/** Reaching peers by their key, off until it is turned on here. */
export function OverlayRow() {
  const overlay = useSnapshot((snapshot) => snapshot.overlay);
  const [isAsking, setIsAsking] = useState(false);
  const command = useCommand();
  const turnOff = async () => {
    if ((await command('setOverlay', { state: 'off' })) !== undefined) showDone('Peers are no longer reached by key');
  };
  const isOn = overlay.state === 'on';
  return (
    <>
      <OptInRow
        title="Reach peers by key"
        sends={OVERLAY_SENDS}
        on={isOn}
        sentence={isOn ? overlay.sentence : null}
        trackers={isOn && overlay.relayOnly ? ['Through relays only.'] : []}
        onTurn={(on) => (on ? setIsAsking(true) : void turnOff())}
      />
      {isOn && overlay.address !== null && (
        <div className="card-row">
          <div className="overlay-address">
            <span className="quiet small">Your address, for friends who add you</span>
            <code className="selectable cut">{overlay.address}</code>
          </div>
          <CopyButton text={overlay.address} what="your address" />
        </div>
      )}
      <OverlaySheet open={isAsking} onClose={() => setIsAsking(false)} />
    </>
  );
}
