import type { Ledger } from '../../ledger/ledger.ts';
import { localDay } from '../../ledger/local-day.ts';

export interface ServedToday {
  readonly tokens: number;
  ofModel(model: string): number;
}

/** Counting rows for every request of a burst would be the dearest part of admitting it. */
const FRESH_MS = 1_000;
const NOTHING: ServedToday = { tokens: 0, ofModel: () => 0 };

/**
 * Tokens that others got from this machine today, prompts and answers together, as the books have them: a restart forgets nothing.
 * @param elsewhere what was given by another network than the grid
 */
export function createServedToday(deps: {
  readonly ledger: Pick<Ledger, 'days'>;
  readonly elsewhere: (day: string) => number;
  readonly nowMs: () => number;
}): { current(isAsked: boolean): ServedToday } {
  let known: { atMs: number; served: ServedToday } | undefined;
  return {
    current(isAsked) {
      if (!isAsked) return NOTHING;
      const nowMs = deps.nowMs();
      if (known && Math.abs(nowMs - known.atMs) < FRESH_MS) return known.served;
      const day = localDay(nowMs);
      const byModel = new Map<string, number>();
      let tokens = deps.elsewhere(day);
      for (const row of deps.ledger.days(day)) {
        if (row.day !== day || (row.kind !== 'served' && row.kind !== 'given')) continue;
        const count = row.inputTokens + row.outputTokens;
        tokens += count;
        byModel.set(row.model, (byModel.get(row.model) ?? 0) + count);
      }
      known = { atMs: nowMs, served: { tokens, ofModel: (model) => byModel.get(model) ?? 0 } };
      return known.served;
    },
  };
}
