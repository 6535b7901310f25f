import { memo } from 'react';
import type { LedgerRowView } from '../../../../app/contract/commands.ts';
import { formatCount, formatSigned } from '../../../format/numbers.ts';
import { formatWhen } from '../../../format/times.ts';

const SIGNATURES = { both: '✓ both signatures', 'receipt only': 'receipt only', none: 'none on that network' } as const;

function credits({ kind, credits: amount }: LedgerRowView): { text: string; look: string } {
  if (kind === 'own') return { text: 'free', look: 'quiet' };
  if (kind === 'given') return { text: 'given', look: 'quiet' };
  return { text: formatSigned(amount), look: amount > 0 ? 'earned' : amount < 0 ? 'spent' : 'quiet' };
}

export interface LedgerRowProps {
  readonly entry: LedgerRowView;
  readonly index: number;
  readonly top: number;
  readonly nowMs: number;
  readonly selected: boolean;
  /** the one row Tab goes to; arrow keys go on from there */
  readonly tabStop: boolean;
  readonly onFocus: () => void;
  readonly onSelect: () => void;
}

/** Handlers are left out of the comparison: they do the same for the same entry at the same place. */
export const LedgerRow = memo(
  function LedgerRow({ entry, index, top, nowMs, selected, tabStop, onFocus, onSelect }: LedgerRowProps) {
    const { text, look } = credits(entry);
    return (
      <div
        className="list-row ledger-columns"
        role="row"
        aria-rowindex={index + 2}
        aria-selected={selected}
        data-index={index}
        tabIndex={tabStop ? 0 : -1}
        style={{ transform: `translateY(${top}px)` }}
        onFocus={onFocus}
        onClick={onSelect}
        onKeyDown={(event) => {
          if (event.key === 'Enter' || event.key === ' ') onSelect();
        }}
      >
        <span role="gridcell" className="figures">
          {formatWhen(entry.atMs, nowMs)}
        </span>
        <span role="gridcell" className="cut">
          {entry.with}
        </span>
        <span role="gridcell" className="cut">
          {entry.model}
        </span>
        <span role="gridcell" className="figures">
          {formatCount(entry.inputTokens)} / {formatCount(entry.outputTokens)}
        </span>
        <span role="gridcell" className={`figures ${look}`}>
          {text}
        </span>
        <span role="gridcell" className={`cut ${entry.dispute === null ? 'quiet' : 'trouble'}`}>
          {entry.dispute === null ? SIGNATURES[entry.signatures] : `! disputed: ${entry.dispute}`}
        </span>
      </div>
    );
  },
  (before, after) =>
    before.entry === after.entry &&
    before.index === after.index &&
    before.top === after.top &&
    before.nowMs === after.nowMs &&
    before.selected === after.selected &&
    before.tabStop === after.tabStop,
);
