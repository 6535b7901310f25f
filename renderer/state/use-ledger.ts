import { useCallback, useEffect, useRef, useState } from 'react';
import type { CommandFailure, EntryKindView, LedgerQuery } from '../../app/contract/commands.ts';
import { useServices, useSnapshot } from './app-context.tsx';
import { readFailure } from './command-error.ts';
import { appendPage, firstPage, refreshTop, type LoadedLedger } from './ledger-pages.ts';

const PAGE_ENTRIES = 200;

export interface LedgerState {
  /** null until the first page of a first query is there */
  readonly loaded: LoadedLedger | null;
  readonly failure: CommandFailure | null;
  readonly loadMore: () => void;
}

/** The entries that match, page by page; new ones come on top while they are written. */
export function useLedger(search: string, kind: EntryKindView | null): LedgerState {
  const { bridge } = useServices();
  const [loaded, setLoaded] = useState<LoadedLedger | null>(null);
  const [failure, setFailure] = useState<CommandFailure | null>(null);
  const today = useSnapshot((snapshot) => snapshot.today);
  const queryKey = `${kind ?? ''}|${search}`;
  const current = useRef(queryKey);
  const isLoadingMore = useRef(false);

  const ask = useCallback(
    (cursor?: string) => {
      const query: LedgerQuery = {
        limit: PAGE_ENTRIES,
        ...(cursor === undefined ? {} : { cursor }),
        ...(search === '' ? {} : { search }),
        ...(kind === null ? {} : { kind }),
      };
      return bridge.command('getLedgerPage', query);
    },
    [bridge, search, kind],
  );

  useEffect(() => {
    const isRefresh = current.current === queryKey;
    current.current = queryKey;
    let overtaken = false;
    ask().then(
      (page) => {
        if (overtaken) return;
        setLoaded((before) => (isRefresh && before ? refreshTop(before, page) : firstPage(page)));
        setFailure(null);
      },
      (thrown: unknown) => overtaken || setFailure(readFailure(thrown)),
    );
    return () => {
      overtaken = true;
    };
  }, [ask, queryKey, today]);

  const next = loaded?.next ?? null;
  const loadMore = useCallback(() => {
    if (next === null || isLoadingMore.current) return;
    isLoadingMore.current = true;
    ask(next)
      .then(
        (page) => {
          if (current.current === queryKey) setLoaded((before) => (before ? appendPage(before, page) : before));
        },
        (thrown: unknown) => setFailure(readFailure(thrown)),
      )
      .finally(() => {
        isLoadingMore.current = false;
      });
  }, [ask, next, queryKey]);

  return { loaded, failure, loadMore };
}
