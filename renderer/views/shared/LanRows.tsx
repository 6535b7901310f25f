import { useSnapshot } from '../../state/app-context.tsx';
import { useCommand } from '../../state/use-command.ts';
import { OptInRow } from './OptInRow.tsx';

const ANNOUNCE_SENDS =
  'While you share, opens this Mac to the local network you are in, and tells everybody there your public key and its address there. Whoever is in that network can send it requests, and gets what strangers get.';
const FIND_SENDS =
  'Asks the local network who is there, once a minute. Who answers learns your address in it and is asked for a proof of its key. Prompts to neighbours travel unencrypted: whoever can read along in the network can read them.';

/** Own Macs and colleagues in one network, without anything outside of it: two switches, each off until it is turned on here. */
export function LanRows() {
  const lan = useSnapshot((snapshot) => snapshot.finding.lan);
  const command = useCommand();
  const isOn = lan.state === 'on';
  const { announce, find } = isOn ? lan : { announce: false, find: false };
  const turn = (members: { announce?: boolean; find?: boolean }) =>
    void command('setLan', { state: 'on', announce, find, ...members });
  return (
    <>
      <OptInRow
        title="Be found on the local network"
        sends={ANNOUNCE_SENDS}
        on={announce}
        sentence={isOn && announce ? lan.sentence : null}
        trackers={[]}
        onTurn={(on) => turn({ announce: on })}
      />
      <OptInRow
        title="Find peers on the local network"
        sends={FIND_SENDS}
        on={find}
        sentence={isOn && find && !announce ? lan.sentence : null}
        trackers={[]}
        onTurn={(on) => turn({ find: on })}
      />
    </>
  );
}
