import { formatNumberOf } from '../../format/numbers.ts';
import { useServices, useSnapshot } from '../../state/app-context.tsx';
import { showFailure } from '../../state/toasts.ts';

export function PeersRow() {
  const { shell } = useServices();
  const peers = useSnapshot((snapshot) => snapshot.peers);
  const reachable = peers.filter(({ state }) => state === 'reachable');
  const models = new Set(reachable.flatMap((peer) => peer.models)).size;
  const open = () => shell.openWindow('dashboard', 'peers').catch(showFailure);
  return (
    <button className="card peers-row" onClick={open}>
      <span>
        <b className="strong">
          {peers.length === 0 ? 'No peers yet' : `${formatNumberOf(reachable.length, 'peer')} reachable`}
        </b>{' '}
        {peers.length > reachable.length && <span className="quiet small">of {peers.length}</span>}
      </span>
      <span className="quiet small">{peers.length === 0 ? 'Add one' : formatNumberOf(models, 'model')} ›</span>
    </button>
  );
}
