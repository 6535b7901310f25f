import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openWritable, type WritableDatabase } from './driver.ts';
import { MIGRATIONS } from './migrations.ts';
import { openStore } from './open-store.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

/**
 * SHA-256 of each migration as it was released. A new migration gets a new line; a line that no longer fits means that a
 * released migration was edited, and that files of users would differ from new ones.
 */
const RELEASED: readonly string[] = [
  'feee252388eeae0139d82e198efd1d93286f8bb066d30f0c6ac69f337ba7fa20',
  'f895a6447714d1bf750bbe245c90f7e0240fdba8fa69ecc2ab2de374bcc6c0e6',
];

/** The oldest version as files of users have it: made by the first release, and by nothing since. */
const OLDEST = readFileSync(new URL('./testing/version-1.sql', import.meta.url), 'utf8');

function schema(db: WritableDatabase): unknown[] {
  return db.prepare('SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name').all();
}

function version(db: WritableDatabase): unknown {
  return db.prepare('PRAGMA user_version').all()[0];
}

describe('the migrations', () => {
  it('are appended to and never edited', () => {
    expect(MIGRATIONS.map((sql) => createHash('sha256').update(sql).digest('hex'))).toEqual(RELEASED);
  });

  it('make the same schema out of the oldest file as out of nothing, and keep what is in it', () => {
    using folder = temporaryFolder();
    const old = openWritable(folder.path('old'));
    old.exec(OLDEST);
    const before = old.prepare('SELECT job_id, kind, amount_micro FROM entries').all();
    old.close();
    expect(before).toHaveLength(1);

    const migrated = openStore(folder.path('old'));
    const fresh = openStore(folder.path('fresh'));
    expect(schema(migrated)).toEqual(schema(fresh));
    expect([version(migrated), version(fresh)]).toEqual([1, 2].map(() => ({ user_version: MIGRATIONS.length })));
    expect(migrated.prepare('SELECT job_id, kind, amount_micro FROM entries').all()).toEqual(before);
    migrated.close();
    fresh.close();
  });

  it('bring a file up step by step and say its version in the same transaction', () => {
    using folder = temporaryFolder();
    openStore(folder.path('ledger')).close();
    const more = [...MIGRATIONS, 'CREATE TABLE one (a TEXT NOT NULL) STRICT', 'ALTER TABLE one ADD COLUMN b TEXT'];
    const broken = [...more, 'CREATE TABLE two (a TEXT NOT NULL) STRICT; CREATE TABLE two (again TEXT) STRICT'];
    expect(() => openStore(folder.path('ledger'), broken)).toThrow();
    const untouched = openStore(folder.path('ledger'));
    expect(version(untouched)).toEqual({ user_version: MIGRATIONS.length });
    expect(untouched.prepare("SELECT name FROM sqlite_schema WHERE name IN ('one', 'two')").all()).toEqual([]);
    untouched.close();

    const migrated = openStore(folder.path('ledger'), more);
    const fresh = openStore(folder.path('fresh'), more);
    expect(version(migrated)).toEqual({ user_version: more.length });
    expect(schema(migrated)).toEqual(schema(fresh));
    fresh.close();
    migrated.close();
    expect(() => openStore(folder.path('ledger'))).toThrow(
      expect.objectContaining({ code: 'database_newer' }) as Error,
    );
  });
});
