import type { WritableDatabase } from '../store/driver.ts';
import { isBusy, storeError } from '../store/store-error.ts';
import { prepareOps } from './apply-op.ts';
import type { Outcome, WriteFailure, WriteOp } from './write-op.ts';

/** Each try waits for the lock as long as the database's busy timeout (5 s). */
const BEGIN_TRIES = 3;

/**
 * Group commit: everything in the batch in one transaction, one fsync. Each operation has a savepoint of its own, so one that
 * fails takes no other with it; when the commit fails, all of them did. Nothing failed is half there: it can be sent again.
 */
export function prepareBatches(db: WritableDatabase): (ops: readonly WriteOp[]) => Outcome[] {
  const apply = prepareOps(db);

  function one(op: WriteOp): Outcome {
    db.exec('SAVEPOINT one');
    try {
      const value = apply(op);
      db.exec('RELEASE one');
      return { value };
    } catch (error) {
      // A full disk may have rolled back the whole transaction: then there is no savepoint left to go back to.
      if (!db.inTransaction) throw error;
      db.exec('ROLLBACK TO one; RELEASE one');
      return { failure: failureOf(error) };
    }
  }

  return (ops) => {
    try {
      begin(db);
      const outcomes = ops.map(one);
      db.exec('COMMIT');
      return outcomes;
    } catch (error) {
      if (db.inTransaction) db.exec('ROLLBACK');
      return ops.map(() => ({ failure: failureOf(error) }));
    }
  };
}

function begin(db: WritableDatabase): void {
  for (let tries = 1; ; tries += 1) {
    try {
      db.exec('BEGIN IMMEDIATE');
      return;
    } catch (error) {
      if (!isBusy(error) || tries === BEGIN_TRIES) throw error;
    }
  }
}

export function failureOf(thrown: unknown): WriteFailure {
  const { code, message, cause } = storeError(thrown);
  return { code, message, cause: cause instanceof Error ? (cause.stack ?? cause.message) : '' };
}
