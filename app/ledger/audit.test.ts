import { expect, it } from 'vitest';
import { openStore, openStoreForReading } from '../store/open-store.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { prepareAudit } from './audit.ts';
import { servedEntry } from './new-entry.ts';
import { ALICE, NOON_MS, OWN, testJob, utcDay } from './testing/test-jobs.ts';
import { prepareBatches } from './write-batch.ts';

/** One thing each that must not be true of a ledger, and what the audit calls it. */
const DAMAGE: readonly [sql: string, found: string[]][] = [
  [
    "UPDATE postings SET amount_micro = 51 WHERE account = 'earned'",
    ['JOB', 'account earned', 'all postings together'],
  ],
  ['UPDATE postings SET amount_micro = 2 * amount_micro', ['JOB', 'account earned', `account tab:${ALICE.pubkey}`]],
  ['DELETE FROM postings', ['JOB', 'account earned', `account tab:${ALICE.pubkey}`]],
  ["UPDATE balances SET balance_micro = -49 WHERE account = 'earned'", ['account earned', 'all balances together']],
  ["INSERT INTO balances VALUES ('spent', 1)", ['account spent', 'all balances together']],
  [
    "DELETE FROM balances WHERE account LIKE 'tab:%'",
    [`account tab:${ALICE.pubkey}`, 'all balances together', `balance of ${ALICE.pubkey}`],
  ],
  ['UPDATE tabs SET earned_tokens = 31', [`tab of ${ALICE.pubkey}`]],
  ['UPDATE days SET jobs = 2', [`day 2026-03-01 ${ALICE.pubkey} llama3.2 served`]],
  ['UPDATE gifts SET used_micro = 0', ['gifts of 2026-03-01']],
];

it.each(DAMAGE)('finds the damage of: %s', (sql, found) => {
  using folder = temporaryFolder();
  const db = openStore(folder.path('ledger'));
  const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number: 1 });
  const terms = { order, price: { input: 1, output: 1 }, nowMs: NOON_MS };
  const entry = servedEntry(receipt, terms, { ownPubkey: OWN.pubkey, localDay: utcDay });
  prepareBatches(db)([{ op: 'append', entry }]);
  const reading = openStoreForReading(folder.path('ledger'));
  const audit = prepareAudit(reading);
  expect(audit()).toEqual({ entries: 1, unbalanced: [], wrongBalances: [] });
  db.exec(sql);
  const { unbalanced, wrongBalances } = audit();
  expect([...unbalanced, ...wrongBalances].toSorted()).toEqual(
    found.map((name) => (name === 'JOB' ? order.jobId : name)).toSorted(),
  );
  reading.close();
  db.close();
});
