import { GridError, type GridErrorCode } from '../protocol/errors.ts';

/** The primary result codes of https://sqlite.org/rescode.html; extended ones start with theirs. */
const CODES: readonly (readonly [prefix: string, code: GridErrorCode])[] = [
  ['SQLITE_NOTADB', 'database_damaged'],
  ['SQLITE_CORRUPT', 'database_damaged'],
  ['SQLITE_CANTOPEN', 'home_unwritable'],
  ['SQLITE_READONLY', 'home_unwritable'],
  ['SQLITE_PERM', 'home_unwritable'],
  ['SQLITE_FULL', 'ledger_failed'],
  ['SQLITE_IOERR', 'ledger_failed'],
  ['SQLITE_BUSY', 'ledger_failed'],
  ['SQLITE_LOCKED', 'ledger_failed'],
  ['SQLITE_CONSTRAINT', 'ledger_failed'],
];

/** @returns '' for what does not come from SQLite */
export function sqliteCode(thrown: unknown): string {
  if (!(thrown instanceof Error) || !('code' in thrown)) return '';
  return typeof thrown.code === 'string' && thrown.code.startsWith('SQLITE_') ? thrown.code : '';
}

export function isBusy(thrown: unknown): boolean {
  return /^SQLITE_(BUSY|LOCKED)/.test(sqliteCode(thrown));
}

/** What a database threw, as a row of the error table, the original as its cause. */
export function storeError(thrown: unknown): GridError {
  if (thrown instanceof GridError) return thrown;
  const sqlite = sqliteCode(thrown);
  const code = CODES.find(([prefix]) => sqlite.startsWith(prefix))?.[1] ?? 'internal_error';
  return new GridError(code, code === 'ledger_failed' ? SENTENCES[sqlite.split('_')[1] ?? ''] : undefined, {
    cause: thrown,
  });
}

const SENTENCES: Readonly<Record<string, string>> = {
  FULL: 'The ledger could not write an entry: the disk is full.',
  IOERR: 'The ledger could not write an entry: the disk reports an error.',
  BUSY: 'The ledger could not write an entry: another process keeps it locked.',
};
