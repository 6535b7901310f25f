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
      const threadUrl = pathToFileURL(folder.path(name));
      await expect(openLedger({ file: folder.path('ledger'), ownPubkey: OWN.pubkey, threadUrl })).rejects.toMatchObject(
        {
          code: 'internal_error',
        },
      );
    }
  });

  it('fails what is under way when the thread breaks, and all that follows when its replacement breaks too', async () => {
    using folder = temporaryFolder();
    const script = `import { parentPort } from 'node:worker_threads';
      parentPort.postMessage('opened');
      parentPort.on('message', () => { throw new Error('broken'); });`;
    writeFileSync(folder.path('breaks.mjs'), script);
    openStore(folder.path('ledger')).close();
    const threadUrl = pathToFileURL(folder.path('breaks.mjs'));
    const ledger = await openLedger({ file: folder.path('ledger'), ownPubkey: OWN.pubkey, threadUrl });
    const failed = { code: 'ledger_failed', message: 'The thread that writes the ledger broke.' };
    for (const number of [1, 2, 3]) await expect(ledger.appendServed(...served(number))).rejects.toMatchObject(failed);
    await ledger.close();
  });

  it('goes on with a new thread when one breaks: what failed is sent again, and counts once', async () => {
    using folder = temporaryFolder();
    // Breaks at the third entry, before or after it is on the disk; the flag on the disk makes that once.
    const real = new URL('./write-loop.ts', import.meta.url).href;
    const script = (when: string) => `
      import { existsSync, writeFileSync } from 'node:fs';
      import { MessageChannel, parentPort, workerData } from 'node:worker_threads';
      import { runWriter } from '${real}';
      const inner = new MessageChannel();
      let seen = 0;
      const breakOnce = () => {
        if (existsSync(workerData.file + '.broke')) return;
        writeFileSync(workerData.file + '.broke', '');
        throw new Error('broken');
      };
      parentPort.on('message', (message) => {
        seen += 1;
        if ('${when}' === 'before' && seen === 3) breakOnce();
        inner.port2.postMessage(message);
        if (message === 'close') { parentPort.close(); }
      });
      inner.port2.on('message', (message) => {
        if ('${when}' === 'after' && seen === 3) breakOnce();
        parentPort.postMessage(message);
      });
      inner.port2.unref();
      runWriter(inner.port1, workerData.file);`;
    for (const when of ['before', 'after']) {
      const file = folder.path(`ledger ${when}`);
      writeFileSync(folder.path(`${when}.mjs`), script(when));
      const threadUrl = pathToFileURL(folder.path(`${when}.mjs`));
      const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, threadUrl });
      await ledger.appendServed(...served(1));
      await ledger.appendServed(...served(2));
      await expect(ledger.appendServed(...served(3))).rejects.toMatchObject({ code: 'ledger_failed' });
      expect(await ledger.appendServed(...served(3))).toBe(when === 'before' ? 'posted' : 'known');
      expect(await ledger.appendServed(...served(4))).toBe('posted');
      expect(ledger.audit()).toEqual({ entries: 4, unbalanced: [], wrongBalances: [] });
      expect(ledger.tabMicro(ALICE.pubkey)).toBe(4 * 50);
      await ledger.close();
    }
  });
});
