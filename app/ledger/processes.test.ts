import { expect, it } from 'vitest';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { openLedger } from './open-ledger.ts';
import { startAppender } from './testing/appender.ts';
import { killAppenders } from './testing/kill-appenders.ts';
import { ALICE, OWN } from './testing/test-jobs.ts';

it('two processes on one home: both write all of theirs, and the books are right', { timeout: 120_000 }, async () => {
  using folder = temporaryFolder();
  const file = folder.path('ledger');
  // Both find a home without a ledger: they also create it at the same time.
  const worker = startAppender({ file, role: 'worker', first: 0, count: 150, inFlight: 8 });
  const router = startAppender({ file, role: 'router', first: 1_000, count: 100, inFlight: 4 });
  expect(await Promise.all([worker.ended, router.ended])).toEqual([0, 0]);
  await using ledger = await openLedger({ file, ownPubkey: OWN.pubkey });
  expect(ledger.totals()).toMatchObject({ earnedMicro: 150 * 50, spentMicro: 100 * 50, jobs: 250 });
  expect(ledger.tabMicro(ALICE.pubkey)).toBe(50 * 50);
  expect(await ledger.verify()).toMatchObject({ ok: true, entries: 250 });
});

/** `e2e/full/kill.test.ts` does many more. */
const POINTS = 36;

it(
  `kill -9 at ${POINTS} moments of two processes on one home: what was acknowledged is there, once`,
  { timeout: 180_000 },
  async () => {
    using folder = temporaryFolder();
    const after = await killAppenders(folder.path('ledger'), POINTS);
    expect(after).toMatchObject({ lost: [], problems: [] });
    expect(after.acknowledged).toBeGreaterThanOrEqual(POINTS);
  },
);
