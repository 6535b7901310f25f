import { describe, expect, it } from 'vitest';
import type { WritableDatabase } from '../store/driver.ts';
import { openStore, openStoreForReading } from '../store/open-store.ts';
import { temporaryFolder } from '../store/testing/temporary-folder.ts';
import { servedEntry, type NewEntry } from './new-entry.ts';
import { createReader } from './reader.ts';
import { ALICE, NOON_MS, OWN, testJob, utcDay } from './testing/test-jobs.ts';
import { prepareBatches } from './write-batch.ts';
import type { Outcome, WriteOp } from './write-op.ts';

const CLEAN = { unbalanced: [], wrongBalances: [] };

function append(number: number, changes: Partial<NewEntry> = {}): WriteOp {
  const { order, receipt } = testJob({ worker: OWN, requester: ALICE, number });
  const terms = { order, price: { input: 1, output: 1 }, nowMs: NOON_MS };
  return {
    op: 'append',
    entry: { ...servedEntry(receipt, terms, { ownPubkey: OWN.pubkey, localDay: utcDay }), ...changes },
  };
}

function openBatches(file: string) {
  const db = openStore(file);
  const reading = openStoreForReading(file);
  return {
    db,
    write: prepareBatches(db),
    ledger: createReader(reading),
    [Symbol.dispose]() {
      reading.close();
      db.close();
    },
  };
}

const kinds = (outcomes: readonly Outcome[]) =>
  outcomes.map((outcome) => ('value' in outcome ? outcome.value : outcome.failure.code));

describe('a batch', () => {
  it('is one transaction: nothing of it is seen before all of it is', () => {
    using folder = temporaryFolder();
    using books = openBatches(folder.path('ledger'));
    const commits: number[] = [];
    const spied: WritableDatabase = {
      prepare: (sql) => books.db.prepare(sql),
      exec(sql) {
        if (sql === 'COMMIT') commits.push(books.ledger.audit().entries);
        return books.db.exec(sql);
      },
      get inTransaction() {
        return books.db.inTransaction;
      },
      close: () => undefined,
    };
    prepareBatches(spied)([append(1), append(2), append(3)]);
    expect(commits).toEqual([0]);
    expect(books.ledger.audit().entries).toBe(3);
  });

  it('answers each in its order; one that fails takes no other with it and leaves nothing behind', () => {
    using folder = temporaryFolder();
    using books = openBatches(folder.path('ledger'));
    const outcomes = books.write([append(1), append(2, { inputTokens: -1 }), append(1), append(3)]);
    expect(kinds(outcomes)).toEqual(['posted', 'ledger_failed', 'known', 'posted']);
    expect(books.ledger.audit()).toEqual({ entries: 2, ...CLEAN });
    expect(kinds(books.write([append(2)]))).toEqual(['posted']);
  });

  it('fails an entry that would take a balance beyond what a number can hold', () => {
    using folder = temporaryFolder();
    using books = openBatches(folder.path('ledger'));
    const huge = { amountMicro: 8_000_000_000_000_000 };
    expect(kinds(books.write([append(1, huge), append(2, huge), append(3)]))).toEqual([
      'posted',
      'ledger_failed',
      'posted',
    ]);
    expect(books.ledger.tabMicro(ALICE.pubkey)).toBe(8_000_000_000_000_050);
    expect(books.ledger.audit()).toEqual({ entries: 2, ...CLEAN });
  });

  it('on a full disk fails whole or in part with ledger_failed, and the same can be written when there is room', () => {
    using folder = temporaryFolder();
    using books = openBatches(folder.path('ledger'));
    const { pages } = books.db.prepare('SELECT page_count AS pages FROM pragma_page_count').get() as { pages: number };
    books.db.exec(`PRAGMA max_page_count = ${pages + 5}`);
    const ops = Array.from({ length: 40 }, (_, number) => append(number));
    const first = books.write(ops);
    const lost = ops.filter((_, index) => 'failure' in first[index]!);
    expect(lost.length).toBeGreaterThan(0);
    expect(first.find((outcome) => 'failure' in outcome)).toMatchObject({
      failure: { code: 'ledger_failed', message: expect.stringContaining('disk is full') as string },
    });
    expect(books.ledger.audit()).toEqual({ entries: 40 - lost.length, ...CLEAN });
    books.db.exec('PRAGMA max_page_count = 1000000');
    expect(new Set(kinds(books.write(lost)))).toEqual(new Set(['posted']));
    expect(new Set(kinds(books.write(ops)))).toEqual(new Set(['known']));
    expect(books.ledger.audit()).toEqual({ entries: 40, ...CLEAN });
  });

  it('fails whole when the commit fails, and can be sent again', () => {
    using folder = temporaryFolder();
    using books = openBatches(folder.path('ledger'));
    let broken = true;
    const failing: WritableDatabase = {
      prepare: (sql) => books.db.prepare(sql),
      exec(sql) {
        if (sql === 'COMMIT' && broken)
          throw Object.assign(new Error('disk I/O error'), { code: 'SQLITE_IOERR_FSYNC' });
        return books.db.exec(sql);
      },
      get inTransaction() {
        return books.db.inTransaction;
      },
      close: () => undefined,
    };
    const write = prepareBatches(failing);
    expect(kinds(write([append(1), append(2)]))).toEqual(['ledger_failed', 'ledger_failed']);
    expect(books.ledger.audit().entries).toBe(0);
    broken = false;
    expect(kinds(write([append(1), append(2)]))).toEqual(['posted', 'posted']);
  });
});
