import { describe, expect, it } from 'vitest';
import { V1_PRICE } from '../protocol/price.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { openLedger } from './open-ledger.ts';
import { ALICE, audited, BOB, NOON_MS, OWN, testJob, testOrder, testReceipt, utcDay } from './testing/test-jobs.ts';

const DAY_MS = 86_400_000;
const open = (file: string) => openLedger({ file, ownPubkey: OWN.pubkey, localDay: utcDay });
const terms = (order: ReturnType<typeof testOrder> | undefined, nowMs = NOON_MS) => ({
  order,
  price: { input: 3, output: 3 },
  nowMs,
});
const CLEAN = { unbalanced: [], wrongBalances: [] };

describe('a served job', () => {
  it('is earned on the tab of its asker, at the price of the order, once', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number: 1 });
    expect(await ledger.appendServed(receipt, terms(order))).toBe('posted');
    expect(await ledger.appendServed(receipt, terms(order))).toBe('known');
    expect(ledger.tabMicro(ALICE.pubkey)).toBe(50);
    expect(ledger.tabMicro(BOB.pubkey)).toBe(0);
    expect(ledger.tabs()).toEqual([
      {
        pubkey: ALICE.pubkey,
        balanceMicro: 50,
        earnedMicro: 50,
        spentMicro: 0,
        earnedTokens: 30,
        spentTokens: 0,
        lastAtMs: NOON_MS,
      },
    ]);
    expect(ledger.totals()).toEqual({ earnedMicro: 50, spentMicro: 0, ownTokens: 0, givenMicro: 0, jobs: 1 });
    expect(ledger.entry(order.jobId)).toMatchObject({ kind: 'served', amountMicro: 50, nonce: order.order.nonce });
    expect(ledger.audit()).toEqual({ entries: 1, ...CLEAN });
  });

  it('uses the gift budget only beyond what we owe the asker already', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const day = utcDay(NOON_MS);
    const asked = testJob({ worker: ALICE, requester: OWN, number: 1, price: { input: 3, output: 2 } });
    await ledger.appendAsked(audited(asked.receipt, asked.order), terms(asked.order));
    expect(ledger.tabMicro(ALICE.pubkey)).toBe(-70);

    const first = testJob({ worker: OWN, requester: ALICE, number: 2 });
    await ledger.appendServed(first.receipt, terms(first.order));
    expect([ledger.tabMicro(ALICE.pubkey), ledger.giftUsedMicro(day)]).toEqual([-20, 0]);
    const second = testJob({ worker: OWN, requester: ALICE, number: 3 });
    await ledger.appendServed(second.receipt, terms(second.order));
    expect([ledger.tabMicro(ALICE.pubkey), ledger.giftUsedMicro(day)]).toEqual([30, 30]);
    const third = testJob({ worker: OWN, requester: ALICE, number: 4 });
    await ledger.appendServed(third.receipt, terms(third.order, NOON_MS + DAY_MS));
    expect([ledger.giftUsedMicro(day), ledger.giftUsedMicro(utcDay(NOON_MS + DAY_MS))]).toEqual([30, 50]);
    expect(ledger.audit()).toEqual({ entries: 4, ...CLEAN });
  });

  it('without an order is given away whole and opens nobody a tab, whatever key it claims', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const claims = ['anonymous', ALICE.pubkey, OWN.pubkey] as const;
    for (const [number, claim] of claims.entries())
      await ledger.appendServed(testReceipt({ worker: OWN, number }, claim, `job ${number}`), terms(undefined));
    expect(ledger.tabs()).toEqual([]);
    expect(ledger.totals()).toEqual({ earnedMicro: 0, spentMicro: 0, ownTokens: 0, givenMicro: 270, jobs: 3 });
    expect(ledger.giftUsedMicro(utcDay(NOON_MS))).toBe(270);
    expect(ledger.entry('job 1')).toMatchObject({ kind: 'given', requesterPubkey: ALICE.pubkey, amountMicro: 90 });
    expect(ledger.days('')).toMatchObject([{ peer: 'anonymous', kind: 'given', jobs: 3 }]);
  });

  it('is refused when it belongs to another machine or another order', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number: 1 });
    const foreign = testJob({ worker: BOB, requester: ALICE, number: 1 });
    const other = testOrder({ worker: OWN, requester: ALICE, number: 2 });
    const forged = testReceipt({ worker: OWN, number: 1 }, BOB.pubkey, order.jobId);
    await expect(ledger.appendServed(foreign.receipt, terms(foreign.order))).rejects.toThrow(RangeError);
    await expect(ledger.appendServed(receipt, terms(other))).rejects.toThrow(RangeError);
    await expect(ledger.appendServed(forged, terms(order))).rejects.toThrow(RangeError);
    expect(ledger.audit().entries).toBe(0);
  });
});

describe('an asked job', () => {
  it('is spent on the tab of its worker and settles the open order', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const { order, receipt } = testJob({ worker: BOB, requester: OWN, number: 1 });
    await ledger.openOrder(order);
    expect(ledger.openOrders()).toEqual([order]);
    expect(await ledger.appendAsked(audited(receipt, order), terms(order))).toBe('posted');
    expect(ledger.openOrders()).toEqual([]);
    expect(ledger.tabMicro(BOB.pubkey)).toBe(-50);
    expect(ledger.totals()).toEqual({ earnedMicro: 0, spentMicro: 50, ownTokens: 0, givenMicro: 0, jobs: 1 });
  });

  it('without an order costs the price of the terms', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const receipt = testReceipt({ worker: BOB, number: 1 }, OWN.pubkey, 'v1 job');
    await ledger.appendAsked(audited(receipt, undefined), { order: undefined, price: V1_PRICE, nowMs: NOON_MS });
    expect(ledger.tabMicro(BOB.pubkey)).toBe(-30_000_000);
  });

  it('cannot burn the nonce of another pair of keys', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    for (const worker of [ALICE, BOB]) {
      const { order, receipt } = testJob({ worker, requester: OWN, number: 1 });
      expect(await ledger.appendAsked(audited(receipt, order), terms(order))).toBe('posted');
    }
    expect(ledger.audit()).toEqual({ entries: 2, ...CLEAN });
  });
});

describe('own use', () => {
  it('seen from both sides counts once, as tokens and never as earnings', async () => {
    using folder = temporaryFolder();
    await using worker = await open(folder.path('ledger'));
    await using router = await open(folder.path('ledger'));
    const { order, receipt } = testJob({ worker: OWN, requester: OWN, number: 1 });
    await router.openOrder(order);
    expect(await worker.appendServed(receipt, terms(order))).toBe('posted');
    expect(await router.appendAsked(audited(receipt, order), terms(order))).toBe('known');
    expect(router.entry(order.jobId)).toMatchObject({ kind: 'own', amountMicro: 0 });
    expect(router.totals()).toEqual({ earnedMicro: 0, spentMicro: 0, ownTokens: 30, givenMicro: 0, jobs: 1 });
    expect([router.tabs(), router.openOrders(), router.giftUsedMicro(utcDay(NOON_MS))]).toEqual([[], [], 0]);
    expect(router.audit()).toEqual({ entries: 1, ...CLEAN });
  });
});

describe('a disputed job', () => {
  const disputed = (number: number, order: ReturnType<typeof testOrder> | undefined) => ({
    dispute: 'inflated_output' as const,
    receipt: testReceipt({ worker: BOB, number, outputTokens: 90_000_000 }, OWN.pubkey, 'any'),
    order,
    jobId: order?.jobId ?? `v1-${number}`,
    workerPubkey: BOB.pubkey,
    model: 'llama3.2',
    startedAtMs: NOON_MS - 5,
    nowMs: NOON_MS,
  });

  it('is kept, costs nothing, and leaves the order open for a better receipt', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const { order } = testJob({ worker: BOB, requester: OWN, number: 1 });
    await ledger.openOrder(order);
    expect(await ledger.appendDisputed(disputed(1, order))).toBe('posted');
    expect(await ledger.appendDisputed(disputed(1, order))).toBe('known');
    expect(await ledger.appendDisputed(disputed(2, undefined))).toBe('posted');
    expect(ledger.entry('v1-2')).toMatchObject({ kind: 'disputed', dispute: 'inflated_output', nonce: 'v1-2' });
    expect(ledger.totals().jobs).toBe(0);
    expect(ledger.days('')).toMatchObject([{ kind: 'disputed', jobs: 2, outputTokens: 0, amountMicro: 0 }]);
    expect(ledger.openOrders()).toEqual([order]);
    expect(ledger.tabMicro(BOB.pubkey)).toBe(0);
  });

  it('gives way to a good receipt, but never the other way round', async () => {
    using folder = temporaryFolder();
    await using ledger = await open(folder.path('ledger'));
    const { order, receipt } = testJob({ worker: BOB, requester: OWN, number: 1 });
    await ledger.appendDisputed(disputed(1, order));
    await ledger.appendDisputed(disputed(2, undefined));
    expect(await ledger.appendAsked(audited(receipt, order), terms(order))).toBe('posted');
    expect(await ledger.appendDisputed(disputed(1, order))).toBe('known');
    expect(ledger.entry(order.jobId)).toMatchObject({ kind: 'asked', amountMicro: 50, dispute: undefined });
    expect(ledger.days('')).toMatchObject([
      { kind: 'asked', jobs: 1 },
      { kind: 'disputed', jobs: 1 },
    ]);
    expect(ledger.audit()).toEqual({ entries: 2, ...CLEAN });
  });
});

describe('a taken order', () => {
  it('is taken once, also from another process, and only for its own requester', async () => {
    using folder = temporaryFolder();
    await using one = await open(folder.path('ledger'));
    await using two = await open(folder.path('ledger'));
    const order = testOrder({ worker: OWN, requester: ALICE, number: 1 });
    const both = await Promise.all([one.takeOrder(order, NOON_MS), two.takeOrder(order, NOON_MS)]);
    expect(both.toSorted()).toEqual(['replayed', 'taken']);
    expect(await one.takeOrder(testOrder({ worker: OWN, requester: BOB, number: 1 }), NOON_MS)).toBe('taken');
  });

  it('survives a restart; after a week only its entry remembers it', async () => {
    using folder = temporaryFolder();
    const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number: 1 });
    const unanswered = testOrder({ worker: OWN, requester: ALICE, number: 2 });
    {
      await using ledger = await open(folder.path('ledger'));
      await ledger.takeOrder(order, NOON_MS);
      await ledger.takeOrder(unanswered, NOON_MS);
      await ledger.appendServed(receipt, terms(order));
    }
    await using ledger = await open(folder.path('ledger'));
    expect(await ledger.takeOrder(unanswered, NOON_MS + 7 * DAY_MS)).toBe('replayed');
    expect(await ledger.takeOrder(order, NOON_MS + 8 * DAY_MS)).toBe('replayed');
    expect(await ledger.takeOrder(unanswered, NOON_MS + 8 * DAY_MS)).toBe('taken');
  });
});

it('forgets an open order a day after its last moment', async () => {
  using folder = temporaryFolder();
  await using ledger = await open(folder.path('ledger'));
  const old = testOrder({ worker: BOB, requester: OWN, number: 1 });
  const late = testOrder({ worker: BOB, requester: OWN, number: 2, atMs: NOON_MS + DAY_MS });
  const later = testOrder({ worker: BOB, requester: OWN, number: 3, atMs: NOON_MS + DAY_MS + 61_000 });
  for (const order of [old, late]) await ledger.openOrder(order);
  expect(ledger.openOrders()).toEqual([old, late]);
  await ledger.openOrder(later);
  expect(ledger.openOrders()).toEqual([late, later]);
});
