import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import type { Ledger, LedgerPageQuery } from './ledger.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, audited, BOB, NOON_MS, OWN, testJob, utcDay } from './testing/test-jobs.ts';

const ALL: LedgerPageQuery = { limit: 4, cursor: undefined, kind: undefined, search: undefined, peers: [] };

/** Ten jobs; the even ones served to Alice, the odd ones asked of Bob; two in each second, so that times tie. */
async function tenJobs(file: string): Promise<Ledger> {
  const ledger = await openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
  for (let number = 0; number < 10; number += 1) {
    const atMs = NOON_MS + Math.floor(number / 2) * 1_000;
    const terms = { price: { input: 1, output: 1 }, nowMs: atMs };
    if (number % 2 === 0) {
      const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number, atMs, model: 'Größe-X' });
      await ledger.appendServed(receipt, { ...terms, order });
    } else {
      const { order, receipt } = testJob({ worker: BOB, requester: OWN, number, atMs, model: 'llama3.2' });
      await ledger.appendAsked(audited(receipt, order), { ...terms, order });
    }
  }
  return ledger;
}

it('pages through everything once, newest first, also where times tie', async () => {
  using folder = temporaryFolder();
  await using ledger = await tenJobs(folder.path('ledger'));
  const seen: string[] = [];
  const sizes: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await ledger.page({ ...ALL, cursor });
    expect(page.total).toBe(10);
    sizes.push(page.entries.length);
    seen.push(...page.entries.map(({ jobId }) => jobId));
    cursor = page.next;
  } while (cursor !== undefined);
  expect(sizes).toEqual([4, 4, 2]);
  const newest = ledger.entries({ limit: 100 });
  expect(seen).toEqual(newest.map(({ jobId }) => jobId));
  expect(new Set(seen).size).toBe(10);
  const times = newest.map(({ completedAtMs }) => completedAtMs);
  expect(times).toEqual(times.toSorted((a, b) => b - a));
});

it('does not shift when an entry comes in between', async () => {
  using folder = temporaryFolder();
  await using ledger = await tenJobs(folder.path('ledger'));
  const first = await ledger.page(ALL);
  const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number: 99, atMs: NOON_MS + 60_000 });
  await ledger.appendServed(receipt, { order, price: { input: 1, output: 1 }, nowMs: NOON_MS });
  const second = await ledger.page({ ...ALL, cursor: first.next });
  expect(second.entries.map(({ jobId }) => jobId)).toEqual(
    ledger
      .entries({ limit: 100 })
      .slice(5, 9)
      .map(({ jobId }) => jobId),
  );
});

it('ends without a next when the last page is exactly full, and starts anew with a cursor it cannot read', async () => {
  using folder = temporaryFolder();
  await using ledger = await tenJobs(folder.path('ledger'));
  expect((await ledger.page({ ...ALL, limit: 10 })).next).toBeUndefined();
  expect(await ledger.page({ ...ALL, cursor: 'x' })).toEqual(await ledger.page(ALL));
});

it('finds by kind, and by model, job id and key whatever the case', async () => {
  using folder = temporaryFolder();
  await using ledger = await tenJobs(folder.path('ledger'));
  const count = async (query: Partial<LedgerPageQuery>) => (await ledger.page({ ...ALL, ...query })).total;
  const [{ jobId } = { jobId: '' }] = ledger.entries({ limit: 1 });
  expect(await count({ kind: 'asked' })).toBe(5);
  expect(await count({ kind: 'own' })).toBe(0);
  expect(await count({ search: 'GRÖSSE' })).toBe(0);
  expect(await count({ search: 'GRÖßE' })).toBe(5);
  expect(await count({ search: 'LLAMA' })).toBe(5);
  expect(await count({ search: jobId.toUpperCase() })).toBe(1);
  expect(await count({ search: BOB.pubkey.slice(0, 20).toUpperCase() })).toBe(5);
  expect(await count({ search: '%' })).toBe(0);
  expect(await count({ search: "'" })).toBe(0);
  expect(await count({ search: 'nothing like it', peers: [ALICE.pubkey] })).toBe(5);
  expect(await count({ search: 'llama', peers: [ALICE.pubkey] })).toBe(10);
  expect(await count({ search: 'llama', kind: 'served', peers: [] })).toBe(0);
});
