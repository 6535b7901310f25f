import { expect, it } from 'vitest';
import { canonicalJson } from '../protocol/canonical-json.ts';
import { openWritable } from '../store/driver.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import type { Ledger, VerifyProgress } from './ledger.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, audited, BOB, NOON_MS, OWN, testJob, testReceipt, utcDay } from './testing/test-jobs.ts';

const open = (file: string) => openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
const TERMS = { price: { input: 3, output: 3 }, nowMs: NOON_MS };
const served = testJob({ worker: OWN, requester: ALICE, number: 1 });
const asked = testJob({ worker: BOB, requester: OWN, number: 2 });

/** One of each kind. */
async function filled(file: string): Promise<Ledger> {
  const ledger = await open(file);
  await ledger.appendServed(served.receipt, { ...TERMS, order: served.order });
  await ledger.openOrder(asked.order);
  await ledger.appendAsked(audited(asked.receipt, asked.order), { ...TERMS, order: asked.order });
  const own = testJob({ worker: OWN, requester: OWN, number: 3 });
  await ledger.appendServed(own.receipt, { ...TERMS, order: own.order });
  await ledger.appendServed(testReceipt({ worker: OWN, number: 4 }, 'anonymous', 'given job'), {
    ...TERMS,
    order: undefined,
  });
  const { order } = testJob({ worker: BOB, requester: OWN, number: 5 });
  const disputed = { order, jobId: order.jobId, workerPubkey: BOB.pubkey, model: 'llama3.2', startedAtMs: NOON_MS };
  await ledger.appendDisputed({ ...disputed, dispute: 'missing', receipt: undefined, nowMs: NOON_MS });
  await ledger.openOrder(testJob({ worker: BOB, requester: OWN, number: 6 }).order);
  return ledger;
}

function damage(file: string, sql: string): void {
  const db = openWritable(file);
  db.exec('PRAGMA foreign_keys = OFF');
  db.exec(sql);
  db.close();
}

it('finds nothing wrong with right books, says how far it is, and counts what it looked at', async () => {
  using folder = temporaryFolder();
  await using ledger = await filled(folder.path('ledger'));
  const told: VerifyProgress[] = [];
  const report = await ledger.verify({ onProgress: (progress) => told.push(progress) });
  expect(report).toEqual({ ok: true, entries: 5, receipts: 4, orders: 4, problems: [], problemCount: 0 });
  expect(told.at(-1)).toEqual({ step: 'signatures', done: 5, total: 5 });
  expect(await ledger.verify({ signatures: false })).toMatchObject({ ok: true, entries: 5, receipts: 0 });
});

const worse = { ...served.receipt.receipt, outputTokens: 21 };
const inflated = canonicalJson({ receipt: worse, signature: served.receipt.signature });
const other = canonicalJson({ order: asked.order.order, signature: asked.order.signature });
const SERVED = `WHERE job_id = '${served.order.jobId}'`;
const DAMAGE: readonly (readonly [sql: string, name: string, what: RegExp])[] = [
  [`UPDATE entries SET receipt_json = '${inflated}' ${SERVED}`, served.order.jobId, /receipt .* signature/],
  [`UPDATE entries SET receipt_json = '{broken' ${SERVED}`, served.order.jobId, /receipt .* signature/],
  [`UPDATE entries SET order_json = '{}' ${SERVED}`, served.order.jobId, /order .* signature/],
  [`UPDATE entries SET order_json = '${other}' ${SERVED}`, served.order.jobId, /not for this order/],
  [`UPDATE entries SET model = 'dearer' ${SERVED}`, served.order.jobId, /model is not that of the receipt/],
  [`UPDATE entries SET output_tokens = 21 ${SERVED}`, served.order.jobId, /output tokens is not that/],
  [`UPDATE entries SET amount_micro = 51 ${SERVED}`, served.order.jobId, /amount is not the price/],
  [`UPDATE entries SET kind = 'asked' ${SERVED}`, served.order.jobId, /has no part in it/],
  [`UPDATE entries SET requester = '${BOB.pubkey}' ${SERVED}`, served.order.jobId, /requester is not that/],
  ["UPDATE balances SET balance_micro = 7 WHERE account = 'earned'", 'account earned', /not what its entries/],
  [`DELETE FROM entries ${SERVED}`, 'a row of postings', /not there/],
  [
    "UPDATE open_orders SET order_json = '{}'",
    testJob({ worker: BOB, requester: OWN, number: 6 }).order.jobId,
    /open order/,
  ],
];

it.each(DAMAGE.map(([sql, name, what]) => [what, name, sql] as const))('finds: %s', async (what, name, sql) => {
  using folder = temporaryFolder();
  await using ledger = await filled(folder.path('ledger'));
  damage(folder.path('ledger'), sql);
  const { ok, problems, problemCount } = await ledger.verify();
  expect({ ok, named: problems.length }).toEqual({ ok: false, named: problemCount });
  expect(problems).toContainEqual({ name, what: expect.stringMatching(what) as string });
});

it('runs while the books are written, and neither waits for the other', async () => {
  using folder = temporaryFolder();
  await using ledger = await filled(folder.path('ledger'));
  let posted = 0;
  let done = false;
  const writing = (async () => {
    for (let number = 100; !done || posted === 0; number += 1) {
      const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number });
      await ledger.appendServed(receipt, { ...TERMS, order });
      posted += 1;
    }
  })();
  for (let round = 0; round < 3; round += 1) expect(await ledger.verify()).toMatchObject({ ok: true, problems: [] });
  done = true;
  await writing;
  expect((await ledger.verify()).entries).toBe(5 + posted);
});

it('can be cancelled', async () => {
  using folder = temporaryFolder();
  await using ledger = await filled(folder.path('ledger'));
  await expect(ledger.verify({ signal: AbortSignal.abort(new Error('no longer')) })).rejects.toThrow('no longer');
  const stop = new AbortController();
  const verifying = ledger.verify({ signal: stop.signal });
  stop.abort(new Error('enough'));
  await expect(verifying).rejects.toThrow('enough');
  expect(await ledger.verify()).toMatchObject({ ok: true });
});
