import type { LedgerPage, LedgerRowView } from '../../app/contract/commands.ts';

/** Pages of one query put together, newest first. */
export interface LoadedLedger {
  readonly entries: readonly LedgerRowView[];
  readonly next: string | null;
  readonly total: number;
}

export function firstPage(page: LedgerPage): LoadedLedger {
  return { entries: page.entries, next: page.next, total: page.total };
}

export function appendPage(loaded: LoadedLedger, page: LedgerPage): LoadedLedger {
  const known = new Set(loaded.entries.map(({ jobId }) => jobId));
  const fresh = page.entries.filter(({ jobId }) => !known.has(jobId));
  return { entries: [...loaded.entries, ...fresh], next: page.next, total: page.total };
}

/**
 * Puts what is new on top of what was loaded, which stays. When nothing of the page is known, entries in between would be
 * missing, so the page starts the list anew.
 */
export function refreshTop(loaded: LoadedLedger, page: LedgerPage): LoadedLedger {
  const inPage = new Set(page.entries.map(({ jobId }) => jobId));
  if (!loaded.entries.some(({ jobId }) => inPage.has(jobId))) return firstPage(page);
  const rest = loaded.entries.filter(({ jobId }) => !inPage.has(jobId));
  const isWhole = loaded.entries.length <= page.entries.length && page.next === null;
  return { entries: [...page.entries, ...rest], next: isWhole ? null : loaded.next, total: page.total };
}
