import { copyFileSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { openWritable } from './driver.ts';
import { MIGRATIONS } from './migrations.ts';
import { openStore, openStoreForReading } from './open-store.ts';
import { temporaryFolder } from './testing/temporary-folder.ts';

const value = (db: { prepare(sql: string): { get(): unknown } }, sql: string) =>
  Object.values(db.prepare(sql).get() as Record<string, unknown>)[0];

/** A ledger of some hundred kilobytes, closed. */
function filledStore(file: string): void {
  const db = openStore(file);
  const insert = db.prepare('INSERT INTO taken_orders VALUES (?, ?, 0)');
  db.exec('BEGIN');
  for (let number = 0; number < 2_000; number += 1) insert.run(`requester ${number}`, 'n'.repeat(64));
  db.exec('COMMIT');
  db.close();
}

describe('a store', () => {
  it('opens as it must: WAL, every commit synced, foreign keys, patience, strict tables', () => {
    using folder = temporaryFolder();
    const db = openStore(folder.path('ledger'));
    const names = ['journal_mode', 'synchronous', 'foreign_keys', 'busy_timeout', 'user_version'];
    expect(names.map((name) => value(db, `PRAGMA ${name}`))).toEqual(['wal', 2, 1, 5_000, MIGRATIONS.length]);
    expect(
      value(
        db,
        "SELECT count(*) FROM pragma_table_list WHERE strict = 0 AND schema = 'main' AND name NOT LIKE 'sqlite%'",
      ),
    ).toBe(0);
    db.close();
  });

  it('keeps text as it is and takes no text for a number', () => {
    using folder = temporaryFolder();
    const db = openStore(folder.path('ledger'));
    db.prepare('INSERT INTO taken_orders VALUES (?, ?, ?)').run('007', '1e3', 1);
    expect(db.prepare('SELECT * FROM taken_orders').all()).toEqual([
      { requester: '007', nonce: '1e3', taken_at_ms: 1 },
    ]);
    expect(() => db.prepare('INSERT INTO taken_orders VALUES (?, ?, ?)').run('a', 'b', 'soon')).toThrow();
    expect(() => db.prepare('INSERT INTO taken_orders VALUES (?, ?, ?)').run(null, 'b', 1)).toThrow();
    expect(() => db.prepare("INSERT INTO postings VALUES (1, 'earned', 1)").run()).toThrow(/FOREIGN KEY/);
    db.close();
  });

  it('lets a reader look at what is committed, and change nothing', () => {
    using folder = temporaryFolder();
    const db = openStore(folder.path('ledger'));
    const reading = openStoreForReading(folder.path('ledger'));
    const count = () => value(reading, 'SELECT count(*) FROM taken_orders');
    db.exec("BEGIN; INSERT INTO taken_orders VALUES ('a', 'b', 1)");
    expect(count()).toBe(0);
    db.exec('COMMIT');
    expect(count()).toBe(1);
    const sneaky = reading.prepare('DELETE FROM taken_orders') as unknown as { run(): void };
    expect(() => sneaky.run()).toThrow(/readonly|read-only|query_only/i);
    reading.close();
    db.close();
  });
});

describe('a file that is no ledger of ours', () => {
  const refused = (file: string): unknown => {
    try {
      openStore(file).close();
      return 'opened';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const damages: readonly [what: string, damage: (file: string) => void, code: string][] = [
    ['text', (file) => writeFileSync(file, 'not a database '.repeat(1_000)), 'database_damaged'],
    ['a torn end', (file) => truncateSync(file, 40_960), 'database_damaged'],
    [
      'noise in the middle',
      (file) => {
        const bytes = readFileSync(file);
        bytes.fill(0xa5, bytes.length / 2, bytes.length / 2 + 8_192);
        writeFileSync(file, bytes);
      },
      'database_damaged',
    ],
    [
      'a database of another program',
      (file) => {
        writeFileSync(file, '');
        const db = openWritable(file);
        db.exec('CREATE TABLE notes (text)');
        db.close();
      },
      'database_damaged',
    ],
    [
      'a newer version',
      (file) => {
        const db = openWritable(file);
        db.exec('PRAGMA user_version = 77');
        db.close();
      },
      'database_newer',
    ],
  ];

  it.each(damages)('is refused and left as it is: %s', (_, damage, code) => {
    using folder = temporaryFolder();
    filledStore(folder.path('ledger'));
    damage(folder.path('ledger'));
    copyFileSync(folder.path('ledger'), folder.path('before'));
    expect(refused(folder.path('ledger'))).toBe(code);
    expect(readFileSync(folder.path('ledger')).equals(readFileSync(folder.path('before')))).toBe(true);
  });

  it('cannot be made where a folder is missing or a file is in the way', () => {
    using folder = temporaryFolder();
    writeFileSync(folder.path('file'), '');
    expect(refused(folder.path('missing/ledger'))).toBe('home_unwritable');
    expect(refused(folder.path('file/ledger'))).toBe('home_unwritable');
  });
});
