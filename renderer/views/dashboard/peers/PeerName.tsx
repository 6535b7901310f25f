import { useEffect, useRef, type KeyboardEvent } from 'react';
import type { PeerView } from '../../../../app/contract/snapshot.ts';
import { useCommand } from '../../../state/use-command.ts';
import '../../../ui/fields.css';

export interface PeerNameProps {
  readonly peer: PeerView;
  readonly isRenaming: boolean;
  /** the key of the peer that is renamed from now on; null for none */
  readonly onRenaming: (pubkey: string | null) => void;
}

/** The label; a click turns it into a field. Return keeps, Esc gives up, leaving keeps. */
export function PeerName({ peer, isRenaming, onRenaming }: PeerNameProps) {
  const field = useRef<HTMLInputElement>(null);
  const command = useCommand();
  useEffect(() => {
    if (!isRenaming) return;
    // A menu that closes gives the focus back to its button first.
    const frame = requestAnimationFrame(() => field.current?.select());
    return () => cancelAnimationFrame(frame);
  }, [isRenaming]);

  const keep = () => {
    const label = field.current?.value.trim() ?? '';
    onRenaming(null);
    if (label !== '' && label !== peer.label) void command('renamePeer', { pubkey: peer.pubkey, label });
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key === 'Enter') keep();
    if (event.key === 'Escape') onRenaming(null);
  };

  if (isRenaming)
    return (
      <input
        ref={field}
        className="input peer-rename"
        aria-label={`New name for ${peer.label}`}
        defaultValue={peer.label}
        maxLength={60}
        onBlur={keep}
        onKeyDown={onKeyDown}
      />
    );
  if (peer.source !== 'added by hand') return <span className="peer-label cut">{peer.label}</span>;
  return (
    <button className="peer-label cut" title="Rename" onClick={() => onRenaming(peer.pubkey)}>
      {peer.label}
    </button>
  );
}
