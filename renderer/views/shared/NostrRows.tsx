import { useState } from 'react';
import { useSnapshot } from '../../state/app-context.tsx';
import { useCommand } from '../../state/use-command.ts';
import { NostrSheet, type NostrOn, type NostrSwitch } from './NostrSheet.tsx';
import { OptInRow } from './OptInRow.tsx';

/** What leaves this Mac and to whom, before anybody agrees to it. */
const ROWS: readonly { readonly name: NostrSwitch; readonly title: string; readonly sends: string }[] = [
  {
    name: 'announce',
    title: 'Be found on Nostr',
    sends:
      'While you share, sends your public key, the address and label you give, and the names of your shared models to the relays you name, which show it to everybody and learn your IP address. Turning it off asks them to delete it; not every relay does.',
  },
  {
    name: 'find',
    title: 'Find peers on Nostr',
    sends:
      'Asks the relays you name who is there; they learn your IP address. Peers from it are asked how they are, and may get a prompt when nobody you added can answer it.',
  },
  {
    name: 'publishReceipts',
    title: 'Publish receipts on Nostr',
    sends:
      'Sends every receipt this Mac signs for others to the relays you name: both keys, the model, the tokens and the times, for everybody and for ever. Nobody needs this; no prompts are in it.',
  },
];

const OFF: NostrOn = {
  state: 'on',
  relays: [],
  announce: false,
  find: false,
  publishReceipts: false,
  url: '',
  label: '',
};

/** Three switches over one list of relays, each off until it is turned on here. */
export function NostrRows() {
  const nostr = useSnapshot((snapshot) => snapshot.finding.nostr);
  const [turning, setTurning] = useState<NostrSwitch | null>(null);
  const command = useCommand();
  const isOn = nostr.state === 'on';
  const relays = isOn ? nostr.relays.map(({ url }) => url) : [];
  const wish: NostrOn = isOn
    ? {
        state: 'on',
        relays,
        announce: nostr.announce,
        find: nostr.find,
        publishReceipts: nostr.publishReceipts,
        url: nostr.url,
        label: nostr.label,
      }
    : OFF;
  const first = ROWS.find(({ name }) => wish[name])?.name;

  return (
    <>
      {ROWS.map(({ name, title, sends }) => (
        <OptInRow
          key={name}
          title={title}
          sends={sends}
          on={wish[name]}
          sentence={isOn && name === first ? nostr.sentence : null}
          trackers={name === first ? relays : []}
          onTurn={(on) => (on ? setTurning(name) : void command('setNostr', { ...wish, [name]: false }))}
        />
      ))}
      <NostrSheet turning={turning} wish={wish} onClose={() => setTurning(null)} />
    </>
  );
}
