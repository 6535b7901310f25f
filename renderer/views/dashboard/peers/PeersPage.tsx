import { useMemo, useState } from 'react';
import { formatNumberOf } from '../../../format/numbers.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { Button } from '../../../ui/Button.tsx';
import { Card } from '../../../ui/Card.tsx';
import { Empty } from '../../../ui/Empty.tsx';
import { PageHead } from '../PageHead.tsx';
import { FriendsCard } from './FriendsCard.tsx';
import { AddPeer } from './AddPeer.tsx';
import { PeerTable } from './PeerTable.tsx';
import './peers.css';
import '../../../ui/fields.css';

export function PeersPage() {
  const [isAdding, setIsAdding] = useState(false);
  const [search, setSearch] = useState('');
  const peers = useSnapshot((snapshot) => snapshot.peers);
  const reachable = peers.filter(({ state }) => state === 'reachable').length;
  const words = search.trim().toLowerCase();
  const shown = useMemo(
    () => (words === '' ? peers : peers.filter((peer) => searchText(peer).includes(words))),
    [peers, words],
  );
  const add = (
    <Button look="primary" onClick={() => setIsAdding(true)}>
      Add a peer
    </Button>
  );

  return (
    <>
      <PageHead title="Peers">
        {peers.length > 0 && (
          <>
            <span className="quiet small">
              {formatNumberOf(peers.length, 'peer')}, {reachable} reachable
            </span>
            <input
              className="input peers-search"
              type="search"
              aria-label="Search peers"
              placeholder="Search name, key, model"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
            {add}
          </>
        )}
      </PageHead>
      <FriendsCard />
      <Card flush className="list-card" label="Peers">
        {peers.length === 0 ? (
          <Empty title="No peers yet" action={add}>
            A peer is a Mac whose owner you know. Swap keys with a friend, add each other here, and your Macs can answer
            each other's prompts.
          </Empty>
        ) : shown.length === 0 ? (
          <Empty title="No peer matches">Search looks at names, keys, addresses and models.</Empty>
        ) : (
          <PeerTable peers={shown} />
        )}
      </Card>
      <AddPeer open={isAdding} onClose={() => setIsAdding(false)} />
    </>
  );
}

function searchText({
  label,
  pubkey,
  url,
  models,
}: {
  label: string;
  pubkey: string;
  url: string;
  models: readonly string[];
}) {
  return [label, pubkey, url, ...models].join(' ').toLowerCase();
}
