import { useVirtualizer } from '@tanstack/react-virtual';
import { useCallback, useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useSnapshot } from '../../../state/app-context.tsx';
import type { LoadedLedger } from '../../../state/ledger-pages.ts';
import { focusRow, LIST_HEAD_PX, rowStep } from '../list-keys.ts';
import { LedgerRow } from './LedgerRow.tsx';

const NO_ENTRIES: LoadedLedger['entries'] = [];
const ROW_PX = 33;
/** Rows before the end of what is loaded at which the next page is asked for. */
const LOAD_AHEAD = 60;
const COLUMNS = ['When', 'With', 'Model', 'Tokens in / out', 'Credits', 'Receipt'] as const;

export interface LedgerTableProps {
  readonly loaded: LoadedLedger | null;
  readonly loadMore: () => void;
  readonly selected: string | null;
  readonly onSelect: (jobId: string) => void;
}

export function LedgerTable({ loaded, loadMore, selected, onSelect }: LedgerTableProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(0);
  // Times of today are shown without a date; a minute is fine enough to notice midnight.
  const nowMs = useSnapshot((snapshot) => Math.floor(snapshot.nowMs / 60_000)) * 60_000;
  const entries = loaded?.entries ?? NO_ENTRIES;
  // Kept from draw to draw: a new function would make the list measure all its rows again.
  const keyOf = useCallback((index: number) => entries[index]?.jobId ?? index, [entries]);
  const rows = useVirtualizer({
    count: entries.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_PX,
    getItemKey: keyOf,
    scrollMargin: LIST_HEAD_PX,
    scrollPaddingStart: LIST_HEAD_PX,
    overscan: 8,
  });
  const items = rows.getVirtualItems();
  const tabStop = items.some(({ index }) => index === focused) ? focused : items[0]?.index;
  const lastShown = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (loaded?.next != null && lastShown >= entries.length - LOAD_AHEAD) loadMore();
  }, [loaded?.next, lastShown, entries.length, loadMore]);

  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const index = rowStep(event.key, focused, entries.length);
    if (index === undefined) return;
    event.preventDefault();
    rows.scrollToIndex(index);
    focusRow(event.currentTarget, index);
  };

  return (
    <div
      ref={scroller}
      className="list"
      role="grid"
      aria-label="Ledger"
      aria-rowcount={(loaded?.total ?? 0) + 1}
      aria-colcount={COLUMNS.length}
      onKeyDown={onKeyDown}
    >
      <div role="rowgroup" className="list-top">
        <div className="list-head ledger-columns" role="row" aria-rowindex={1}>
          {COLUMNS.map((name) => (
            <span key={name} role="columnheader">
              {name}
            </span>
          ))}
        </div>
      </div>
      <div className="list-space" role="rowgroup" style={{ height: rows.getTotalSize() }}>
        {items.map((item) => {
          const entry = entries[item.index];
          return entry ? (
            <LedgerRow
              key={item.key}
              entry={entry}
              index={item.index}
              top={item.start - LIST_HEAD_PX}
              nowMs={nowMs}
              selected={entry.jobId === selected}
              tabStop={item.index === tabStop}
              onFocus={() => setFocused(item.index)}
              onSelect={() => onSelect(entry.jobId)}
            />
          ) : null;
        })}
      </div>
    </div>
  );
}
