import Database from 'better-sqlite3';

/**
 * The one import of a SQLite driver. Only what better-sqlite3 and libsql both have is used, so that a build may alias one to
 * the other: no `pluck`, no `transaction`, no user functions, and never an option alone where libsql ignores it (`readonly`).
 * Also no INSERT … RETURNING, because a libsql statement whose `get` failed once repeats its error; and rows of `get` are not
 * handed on whole, because libsql adds a member `_metadata`. A BLOB is a Buffer here and an ArrayBuffer there.
 */

export type SqlValue = string | number | null | Uint8Array;
/** Values for `?`s in their order, or one object for `@name`s. */
export type SqlParam = SqlValue | Readonly<Record<string, SqlValue>>;

/** Rows are `unknown`: whoever wrote the SQL says what they are. */
export interface ReadStatement {
  get(...params: SqlParam[]): unknown;
  all(...params: SqlParam[]): unknown[];
}

export interface WriteStatement extends ReadStatement {
  run(...params: SqlParam[]): { readonly changes: number; readonly lastInsertRowid: number | bigint };
}

/** Can look, cannot change: there is no way from here to a statement that runs. */
export interface ReadableDatabase {
  prepare(sql: string): ReadStatement;
  close(): void;
}

export interface WritableDatabase {
  prepare(sql: string): WriteStatement;
  exec(sql: string): unknown;
  readonly inTransaction: boolean;
  close(): void;
}

/** Creates the file when it is missing. Throws what the driver throws. */
export function openWritable(file: string): WritableDatabase {
  return new Database(file);
}

/** `busyMs`: how long a read may wait for another process that recovers the file after a crash. */
export function openReadable(file: string, busyMs: number): ReadableDatabase {
  const db: WritableDatabase = new Database(file, { readonly: true });
  db.exec('PRAGMA query_only = ON');
  db.exec(`PRAGMA busy_timeout = ${busyMs}`);
  return db;
}

/** A copy of one moment, without free pages. It holds a read transaction, nothing more, so others may write meanwhile. */
export function vacuumInto(file: string, target: string): void {
  const db: WritableDatabase = new Database(file, { readonly: true });
  try {
    db.exec(`VACUUM INTO '${target.replaceAll("'", "''")}'`);
  } finally {
    db.close();
  }
}
