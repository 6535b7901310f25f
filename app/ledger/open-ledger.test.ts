import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openWritable } from '../store/driver.ts';
import { openStore } from '../store/open-store.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, NOON_MS, OWN, testJob } from './testing/test-jobs.ts';

const open = (file: string) => openLedger({ file, ownPubkey: OWN.pubkey });

function served(number: number) {
  const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number });
  return [receipt, { order, price: { input: 1, output: 1 }, nowMs: NOON_MS }] as const;
}

describe('an open ledger', () => {
  it('answers many appends under way at once, each for itself, and reads them at once', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const outcomes = await Promise.all(
      Array.from({ length: 200 }, (_, index) => ledger.appendServed(...served(index % 150))),
    );
    expect(outcomes.filter((outcome) => outcome === 'posted')).toHaveLength(150);
    expect(ledger.totals().jobs).toBe(150);
    expect(ledger.tabMicro(ALICE.pubkey)).toBe(150 * 50);
  });

  it('waits for another process that writes', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const other = openWritable(folder.path('ledger'));
    other.exec('BEGIN IMMEDIATE');
    let settled = false;
    const posted = ledger.appendServed(...served(1)).finally(() => (settled = true));
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(settled).toBe(false);
    other.exec('ROLLBACK');
    other.close();
    expect(await posted).toBe('posted');
  });

  it('writes what is under way before it closes, and refuses what comes after', async () => {
    using folder = temporaryFolder();
    const ledger = await open(folder.path('ledger'));
    const posted = Promise.all([1, 2, 3].map((number) => ledger.appendServed(...served(number))));
    await Promise.all([ledger.close(), ledger.close()]);
    expect(await posted).toEqual(['posted', 'posted', 'posted']);
    await expect(ledger.appendServed(...served(4))).rejects.toMatchObject({ code: 'ledger_failed' });
    await using again = await open(folder.path('ledger'));
    expect(again.audit().entries).toBe(3);
  });

  it('is for its owner only, and all in one file once it is closed', async () => {
    using folder = temporaryFolder();
    const ledger = await open(folder.path('ledger'));
    await ledger.appendServed(...served(1));
    expect(['', '-wal', '-shm'].map((end) => statSync(folder.path(`ledger${end}`)).mode & 0o777)).toEqual([
      0o600, 0o600, 0o600,
    ]);
    await ledger.close();
    expect(() => statSync(folder.path('ledger-wal'))).toThrow('ENOENT');
  });
});

describe('a ledger that cannot be opened', () => {
  it('says that it is damaged and leaves it as it is', async () => {
    using folder = temporaryFolder();
    const text = 'this is not a database, but it is long enough to be looked at '.repeat(100);
    writeFileSync(folder.path('ledger'), text);
    await expect(open(folder.path('ledger'))).rejects.toMatchObject({ name: 'GridError', code: 'database_damaged' });
    expect(readFileSync(folder.path('ledger'), 'utf8')).toBe(text);
  });

  it('says that it was written by a newer Lobstah', async () => {
    using folder = temporaryFolder();
    const db = openStore(folder.path('ledger'));
    db.exec('PRAGMA user_version = 999');
    db.close();
    await expect(open(folder.path('ledger'))).rejects.toMatchObject({ code: 'database_newer' });
  });

  it('says that it cannot be written', async () => {
    using folder = temporaryFolder();
    mkdirSync(folder.path('ledger'));
    await expect(open(folder.path('ledger'))).rejects.toMatchObject({ code: 'home_unwritable' });
    await expect(open(folder.path('no/such/folder'))).rejects.toMatchObject({ code: 'home_unwritable' });
  });

  it('says so when the thread itself does not start or ends at once', async () => {
    using folder = temporaryFolder();
    for (const [name, code] of [
      ['broken.mjs', 'throw new Error("broken")'],
      ['empty.mjs', ''],
    ] as const) {
      writeFileSync(folder.path(name), code);
      const writerUrl = pathToFileURL(folder.path(name));
      await expect(openLedger({ file: folder.path('ledger'), ownPubkey: OWN.pubkey, writerUrl })).rejects.toMatchObject(
        {
          code: 'internal_error',
        },
      );
    }
  });

  it('fails what is under way, and all that follows, when the thread breaks later', async () => {
    using folder = temporaryFolder();
    const script = `import { parentPort } from 'node:worker_threads';
      parentPort.postMessage('opened');
      parentPort.on('message', () => { throw new Error('broken'); });`;
    writeFileSync(folder.path('breaks.mjs'), script);
    openStore(folder.path('ledger')).close();
    const writerUrl = pathToFileURL(folder.path('breaks.mjs'));
    const ledger = await openLedger({ file: folder.path('ledger'), ownPubkey: OWN.pubkey, writerUrl });
    for (const number of [1, 2])
      await expect(ledger.appendServed(...served(number))).rejects.toMatchObject({ code: 'ledger_failed' });
    await ledger.close();
  });
});
