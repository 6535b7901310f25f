import type { PeerView } from '../../../../app/contract/snapshot.ts';
import { useServices } from '../../../state/app-context.tsx';
import { showDone, showFailure, showUndo, toasts } from '../../../state/toasts.ts';
import { useCommand } from '../../../state/use-command.ts';
import type { MenuChoice } from '../../../ui/MenuPopup.tsx';

/** What can be done with a peer. This Mac itself can neither be renamed nor blocked nor removed. */
export function usePeerChoices(onRename: (pubkey: string) => void): (peer: PeerView) => MenuChoice[] {
  const { shell } = useServices();
  const command = useCommand();

  const check = async ({ pubkey, label }: PeerView) => {
    const result = await command('checkPeer', { pubkey });
    if (result?.reachable) showDone(`${label} answers`);
    else if (result)
      toasts.add({ title: `${label} does not answer`, description: result.problem ?? '', type: 'failure' });
  };
  const block = async (peer: PeerView, blocked: boolean) => {
    if ((await command('setPeerBlocked', { pubkey: peer.pubkey, blocked })) === undefined) return;
    if (blocked) showUndo(`${peer.label} is blocked: it is neither asked nor served`, () => void block(peer, false));
    else showDone(`${peer.label} is no longer blocked`);
  };
  const remove = async ({ pubkey }: PeerView) => {
    const result = await command('removePeer', { pubkey });
    const removed = result?.removed;
    if (result && !removed) showDone('The peer was removed, and stays so whoever announces it');
    if (removed) showUndo(`${removed.label || 'The peer'} was removed`, () => void command('addPeer', removed));
  };
  const copyKey = ({ pubkey }: PeerView) => void shell.copyText(pubkey).then(() => showDone('Key copied'), showFailure);

  return (peer) => {
    const isBlocked = peer.state === 'blocked';
    return [
      { text: 'Check now', onChoose: () => void check(peer) },
      { text: 'Copy key', onChoose: () => copyKey(peer) },
      // Who was found has the name it gave itself, until it is added by hand.
      ...(peer.source === 'added by hand' ? [{ text: 'Rename', onChoose: () => onRename(peer.pubkey) }] : []),
      { text: isBlocked ? 'Unblock' : 'Block', onChoose: () => void block(peer, !isBlocked) },
      { text: 'Remove', onChoose: () => void remove(peer), danger: true },
    ];
  };
}
