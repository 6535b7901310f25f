import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useRef, useState } from 'react';
import type { PeerView } from '../../../../app/contract/snapshot.ts';
import { useSnapshot } from '../../../state/app-context.tsx';
import { AnchoredMenu } from '../../../ui/AnchoredMenu.tsx';
import { LIST_HEAD_PX } from '../list-keys.ts';
import { PeerRow } from './PeerRow.tsx';
import { usePeerChoices } from './use-peer-choices.ts';

const ROW_PX = 58;
const TROUBLED_ROW_PX = 78;
const COLUMNS = ['Peer', 'Reached', 'Models', 'Latency', 'Credit', 'Last seen', 'Actions'] as const;

export function PeerTable({ peers }: { peers: readonly PeerView[] }) {
  const scroller = useRef<HTMLDivElement>(null);
  const [renaming, setRenaming] = useState<string | null>(null);
  // The peer stays while the menu fades out, so that its choices do not vanish under it.
  const [menu, setMenu] = useState<{ pubkey: string; anchor: HTMLElement | null }>({ pubkey: '', anchor: null });
  const openMenu = useCallback((pubkey: string, anchor: HTMLElement) => setMenu({ pubkey, anchor }), []);
  const menuPeer = peers.find(({ pubkey }) => pubkey === menu.pubkey);
  const choices = usePeerChoices(setRenaming);
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  // New ones only with new peers: a change of keyOf makes the list lay out all its rows again.
  const heightOf = (index: number) => (peers[index]?.problem == null ? ROW_PX : TROUBLED_ROW_PX);
  const keyOf = useCallback((index: number) => peers[index]?.pubkey ?? index, [peers]);
  const rows = useVirtualizer({
    count: peers.length,
    getScrollElement: () => scroller.current,
    estimateSize: heightOf,
    getItemKey: keyOf,
    scrollMargin: LIST_HEAD_PX,
    scrollPaddingStart: LIST_HEAD_PX,
    overscan: 6,
  });
  return (
    <div ref={scroller} className="list" role="table" aria-label="Peers" aria-rowcount={peers.length + 1}>
      <div role="rowgroup" className="list-top">
        <div className="list-head peer-columns" role="row" aria-rowindex={1}>
          {COLUMNS.map((name) => (
            <span key={name} role="columnheader">
              <span className={name === 'Actions' ? 'visually-hidden' : ''}>{name}</span>
            </span>
          ))}
        </div>
      </div>
      <div className="list-space" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {rows.getVirtualItems().map((item) => {
          const peer = peers[item.index];
          return peer ? (
            <PeerRow
              key={item.key}
              peer={peer}
              index={item.index}
              top={item.start - LIST_HEAD_PX}
              nowMs={nowMs}
              isRenaming={renaming === peer.pubkey}
              onRenaming={setRenaming}
              onMenu={openMenu}
            />
          ) : null;
        })}
      </div>
      <AnchoredMenu
        anchor={menu.anchor}
        choices={menuPeer ? choices(menuPeer) : []}
        onClose={() => setMenu((before) => ({ ...before, anchor: null }))}
      />
    </div>
  );
}
