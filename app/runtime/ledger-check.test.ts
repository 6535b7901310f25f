import { expect, it } from 'vitest';
import type { LedgerTasks, VerifyReport } from '../ledger/ledger.ts';
import { createLedgerCheck } from './ledger-check.ts';

type Options = NonNullable<Parameters<LedgerTasks['verify']>[0]>;

/** A ledger whose verification goes on when the test says so. */
function slowLedger() {
  const runs: { options: Options; end: { resolve(report: VerifyReport): void; reject(error: Error): void } }[] = [];
  const verify = (options: Options = {}): Promise<VerifyReport> => {
    return new Promise((resolve, reject) => {
      options.signal?.addEventListener('abort', () => reject(options.signal?.reason as Error));
      runs.push({ options, end: { resolve, reject } });
    });
  };
  return { verify, runs };
}
const settle = () => new Promise((resolve) => setImmediate(resolve));

it('shows how far it is, and what it found; a second start while it runs is no second run', async () => {
  const ledger = slowLedger();
  const check = createLedgerCheck(ledger);
  expect(check.view().state).toBe('idle');
  check.start();
  check.start();
  expect(ledger.runs).toHaveLength(1);
  ledger.runs[0]?.options.onProgress?.({ step: 'sums', done: 2, total: 7 });
  expect(check.view()).toMatchObject({ state: 'running', step: 'sums', done: 2, total: 7 });
  const problems = Array.from({ length: 80 }, (_, index) => ({ name: `job ${index}`, what: 'wrong' }));
  ledger.runs[0]?.end.resolve({ ok: false, entries: 9, receipts: 9, orders: 9, problems, problemCount: 80 });
  await settle();
  expect(check.view()).toMatchObject({ state: 'done', entries: 9, problemCount: 80, step: null });
  expect(check.view().problems).toHaveLength(50);
});

it('is idle at once when it is stopped, whatever the stopped one says later, and can be started again', async () => {
  const ledger = slowLedger();
  const check = createLedgerCheck(ledger);
  check.start();
  check.stop();
  expect(check.view().state).toBe('idle');
  check.start();
  ledger.runs[0]?.options.onProgress?.({ step: 'sums', done: 6, total: 7 });
  await settle();
  expect(check.view()).toMatchObject({ state: 'running', done: 0 });
  ledger.runs[1]?.end.reject(new Error('broken'));
  await settle();
  expect(check.view()).toMatchObject({ state: 'failed', message: expect.any(String) as string });
});
