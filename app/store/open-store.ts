import { closeSync, existsSync, openSync } from 'node:fs';
import { dirname } from 'node:path';
import { GridError } from '../protocol/errors.ts';
import { openReadable, openWritable, type ReadableDatabase, type WritableDatabase } from './driver.ts';
import { APPLICATION_ID, MIGRATIONS } from './migrations.ts';
import { isBusy, storeError } from './store-error.ts';

const BUSY_MS = 5_000;
const READER_BUSY_MS = 1_000;
/** About 20,000 jobs. */
const CHECK_WHOLE_BYTES = 64 * 1024 * 1024;
/** What a request reads. They stay small however many jobs there are. */
const NEEDED_TABLES = ['balances', 'tabs', 'gifts', 'taken_orders', 'open_orders'];

/**
 * Opens the ledger file for writing, creates or migrates it. Blocks for the disk: call it off the main thread.
 *
 * No other code may open and close this file: POSIX drops every lock a process holds on a file as soon as the process closes
 * any descriptor of it (https://sqlite.org/howtocorrupt.html, 2.2).
 * @throws GridError database_newer, database_damaged (in both cases the file is as it was), home_unwritable, ledger_failed
 */
export function openStore(file: string, migrations: readonly string[] = MIGRATIONS): WritableDatabase {
  const db = openFile(file);
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
    // Everything that refuses a file comes before anything that changes it.
    const version = patiently(() => judge(db, migrations.length));
    if (version > 0) checkPages(db);
    patiently(() => switchToWal(db));
    db.exec('PRAGMA synchronous = FULL');
    // On a Mac fsync stops at the drive's cache; F_FULLFSYNC does not. Elsewhere it means nothing.
    db.exec('PRAGMA fullfsync = ON');
    db.exec('PRAGMA foreign_keys = ON');
    // 16 MB: pages that every entry touches are copied back to the file once in thousands of commits instead of hundreds.
    db.exec('PRAGMA wal_autocheckpoint = 4000');
    patiently(() => migrate(db, migrations));
    return db;
  } catch (error) {
    db.close();
    throw storeError(error);
  }
}

/** A second connection, only to look, on a file that `openStore` has opened. */
export function openStoreForReading(file: string): ReadableDatabase {
  try {
    return openReadable(file, READER_BUSY_MS);
  } catch (error) {
    throw storeError(error);
  }
}

function openFile(file: string): WritableDatabase {
  try {
    // Only the owner may read who asked what of whom. SQLite gives its -wal and -shm the mode of the database.
    if (!existsSync(file)) closeSync(openSync(file, 'a', 0o600));
    return openWritable(file);
  } catch (error) {
    throw new GridError('home_unwritable', `The ledger cannot be opened in '${dirname(file)}'.`, { cause: error });
  }
}

/** @returns the version of the file, 0 for an empty one */
function judge(db: WritableDatabase, newest: number): number {
  const version = versionOf(db);
  if (version === 0 && countObjects(db) === 0) return 0;
  if (pragma(db, 'application_id') !== APPLICATION_ID)
    throw new GridError('database_damaged', 'The file of the ledger is a database of another program.');
  refuseNewer(version, newest);
  return version;
}

function refuseNewer(version: number, newest: number): void {
  if (version > newest)
    throw new GridError(
      'database_newer',
      `The ledger has version ${version}; this Lobstah knows versions up to ${newest}.`,
    );
}

/**
 * A damaged page is found now and not in the middle of a job. Reading takes a millisecond a megabyte, more from a cold disk: of
 * a large file only what every request needs is read, and the whole of it by `lobstah ledger verify`.
 */
function checkPages(db: WritableDatabase): void {
  const bytes = Number(pragma(db, 'page_count')) * Number(pragma(db, 'page_size'));
  const checks = bytes <= CHECK_WHOLE_BYTES ? ['quick_check(1)'] : NEEDED_TABLES.map((name) => `quick_check(${name})`);
  for (const check of checks) {
    const found = pragma(db, check);
    if (found !== 'ok') throw new GridError('database_damaged', undefined, { cause: new Error(String(found)) });
  }
}

function switchToWal(db: WritableDatabase): void {
  const mode = pragma(db, 'journal_mode');
  if (mode !== 'wal' && pragma(db, 'journal_mode = WAL') !== 'wal')
    throw new GridError(
      'home_unwritable',
      'The disk of the ledger cannot share memory between processes (a network drive?).',
    );
}

/** The lock is taken also when there is nothing to do: a file that cannot be written is found here. */
function migrate(db: WritableDatabase, migrations: readonly string[]): void {
  db.exec('BEGIN IMMEDIATE');
  try {
    const version = versionOf(db);
    // Another process may have migrated it between the first look and the lock.
    refuseNewer(version, migrations.length);
    for (const migration of migrations.slice(version)) db.exec(migration);
    if (version < migrations.length) db.exec(`PRAGMA user_version = ${migrations.length}`);
    db.exec('COMMIT');
  } catch (error) {
    if (db.inTransaction) db.exec('ROLLBACK');
    throw error;
  }
}

/**
 * Two processes that open a new file at once: the switch to WAL answers 'busy' without asking the busy handler.
 * Blocks the thread between tries.
 */
function patiently<Result>(step: () => Result): Result {
  for (let tries = 0; ; tries += 1) {
    try {
      return step();
    } catch (error) {
      if (!isBusy(error) || tries === 100) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

function pragma(db: WritableDatabase, name: string): number | string | undefined {
  const row = db.prepare(`PRAGMA ${name}`).get() as Record<string, number | string> | undefined;
  return row && Object.values(row)[0];
}

function countObjects(db: WritableDatabase): number {
  return (db.prepare('SELECT count(*) AS count FROM sqlite_schema').get() as { count: number }).count;
}

function versionOf(db: WritableDatabase): number {
  return Number(pragma(db, 'user_version'));
}
