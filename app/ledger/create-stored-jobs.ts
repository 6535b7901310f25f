import type { ReadableDatabase } from '../store/driver.ts';
import { prepareJobReader } from './job-ops.ts';
import { askedEntry, disputedEntry, servedEntry, type EntryContext, type NewEntry } from './new-entry.ts';
import type { JobEntry, StoredJobs } from './stored-jobs.ts';
import type { Writer } from './writer.ts';

/** Looks here, writes through the ledger's thread. */
export function createStoredJobs(db: ReadableDatabase, writer: Writer, context: EntryContext): StoredJobs {
  return {
    ...prepareJobReader(db),
    async place(job) {
      await writer.send({ op: 'job-place', job });
    },
    begin: (side, id, nowMs) => writer.send({ op: 'job-begin', side, id, nowMs }),
    async requeue(side, id, undone) {
      await writer.send({ op: 'job-requeue', side, id, undone });
    },
    end: async (end, entry) => writer.send({ op: 'job-end', end, entry: entry && entryOf(entry, context) }),
    expire: (side, nowMs) => writer.send({ op: 'job-expire', side, nowMs }),
  };
}

function entryOf(entry: JobEntry, context: EntryContext): NewEntry {
  if ('served' in entry) return servedEntry(...entry.served, context);
  if ('asked' in entry) return askedEntry(...entry.asked, context);
  return disputedEntry(entry.disputed, context);
}
