import { readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import type { Ledger } from './ledger.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, NOON_MS, OWN, testJob } from './testing/test-jobs.ts';

const open = (file: string) => openLedger({ file, ownPubkey: OWN.pubkey });

async function serve(ledger: Ledger, number: number): Promise<void> {
  const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number });
  await ledger.appendServed(receipt, { order, price: { input: 1, output: 1 }, nowMs: NOON_MS });
}

it('is one moment of books that are written meanwhile, and opens as a ledger', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  for (let number = 0; number < 20; number += 1) await serve(ledger, number);
  let next = 20;
  let done = false;
  const writing = (async () => {
    while (!done) await serve(ledger, next++);
  })();
  const report = await ledger.backup(folder.path('copy'));
  done = true;
  await writing;
  expect(report).toEqual({
    file: folder.path('copy'),
    bytes: statSync(folder.path('copy')).size,
    entries: expect.any(Number) as number,
  });
  expect(report.entries).toBeGreaterThanOrEqual(20);
  expect(report.entries).toBeLessThanOrEqual(next);
  expect(statSync(folder.path('copy')).mode & 0o777).toBe(0o600);
  // Restored: the copy alone, under the name of a ledger, goes on where it was.
  await using restored = await open(folder.path('copy'));
  expect(await restored.verify()).toMatchObject({ ok: true, entries: report.entries });
  expect(restored.tabMicro(ALICE.pubkey)).toBe(report.entries * 50);
  await serve(restored, 1_000_000);
  expect(restored.tabMicro(ALICE.pubkey)).toBe((report.entries + 1) * 50);
});

it('replaces nothing without being told to, and never the ledger itself', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  await serve(ledger, 1);
  writeFileSync(folder.path('there'), 'precious');
  symlinkSync(folder.path('ledger'), folder.path('link'));
  const refused = { code: 'invalid_argument' };
  await expect(ledger.backup(folder.path('there'))).rejects.toMatchObject(refused);
  expect(readFileSync(folder.path('there'), 'utf8')).toBe('precious');
  for (const name of ['ledger', 'ledger-wal', 'link'])
    await expect(ledger.backup(folder.path(name), { force: true })).rejects.toMatchObject(refused);
  await expect(ledger.backup(folder.path('no/such/folder'))).rejects.toMatchObject(refused);
  await ledger.backup(folder.path('there'), { force: true });
  await using restored = await open(folder.path('there'));
  expect(restored.audit().entries).toBe(1);
});

it('leaves nothing behind when it is cancelled', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  await serve(ledger, 1);
  const stop = new AbortController();
  const copying = ledger.backup(folder.path('copy'), { signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(copying).rejects.toThrow('enough');
  expect(readdirSync(folder.path('.')).filter((name) => !name.startsWith('ledger'))).toEqual([]);
});
