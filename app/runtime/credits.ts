import type { DayRow } from '../ledger/ledger.ts';
import { MICRO_PER_CREDIT } from '../protocol/price.ts';

/** Credits for people: whole micro-credits become a decimal number. */
export function creditsOf(micro: number): number {
  return micro / MICRO_PER_CREDIT;
}

export interface Sums {
  earned: number;
  spent: number;
  given: number;
  ownTokens: number;
  jobs: number;
}

export function sumRows(rows: readonly DayRow[]): Sums {
  const sums: Sums = { earned: 0, spent: 0, given: 0, ownTokens: 0, jobs: 0 };
  for (const row of rows) {
    sums.jobs += row.jobs;
    if (row.kind === 'served') sums.earned += creditsOf(row.amountMicro);
    else if (row.kind === 'asked') sums.spent += creditsOf(row.amountMicro);
    else if (row.kind === 'given') sums.given += creditsOf(row.amountMicro);
    else if (row.kind === 'own') sums.ownTokens += row.inputTokens + row.outputTokens;
  }
  return sums;
}

export function groupRows(rows: readonly DayRow[], key: (row: DayRow) => string): Map<string, DayRow[]> {
  const groups = new Map<string, DayRow[]>();
  for (const row of rows) {
    const group = groups.get(key(row));
    if (group) group.push(row);
    else groups.set(key(row), [row]);
  }
  return groups;
}
