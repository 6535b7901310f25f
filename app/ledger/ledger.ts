import type { AuditedReceipt, Dispute } from '../protocol/audit.ts';
import type { VerifiedOrder } from '../protocol/order.ts';
import type { Price } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import type { StoredJobs } from './stored-jobs.ts';
import type { ImportedJob } from './imported-entry.ts';
import type { TaskOptions } from './task.ts';

/** All amounts are integer micro-credits, all times ms since 1970, days are local 'YYYY-MM-DD'. */

/**
 * 'served': this machine answered somebody and earned. 'asked': somebody answered us. 'own': both sides are this key, free.
 * 'given': served without a proven key, out of the gift budget: no one owes for it. 'disputed': kept as evidence, costs nothing.
 */
export type EntryKind = 'served' | 'asked' | 'own' | 'given' | 'disputed';

export interface LedgerEntry {
  readonly jobId: string;
  readonly kind: EntryKind;
  readonly workerPubkey: Pubkey;
  readonly requesterPubkey: Pubkey | 'anonymous';
  readonly nonce: string;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** what it cost the asker; 0 for 'own' and 'disputed' */
  readonly amountMicro: number;
  readonly startedAtMs: number;
  readonly completedAtMs: number;
  readonly postedAtMs: number;
  /** only for 'disputed' */
  readonly dispute: Dispute | undefined;
  /** canonical JSON of the signed receipt; undefined when a disputed answer came without a readable one */
  readonly receiptJson: string | undefined;
  /** canonical JSON of the signed order, when there was one */
  readonly orderJson: string | undefined;
}

/** What stands between this key and one other. */
export interface Tab {
  readonly pubkey: Pubkey;
  /** positive: they owe us (we can spend it with them); negative: we owe them */
  readonly balanceMicro: number;
  readonly earnedMicro: number;
  readonly spentMicro: number;
  /** tokens, as v1 counts: input + output */
  readonly earnedTokens: number;
  readonly spentTokens: number;
  readonly lastAtMs: number;
}

export interface DayRow {
  readonly day: string;
  readonly peer: string;
  readonly model: string;
  readonly kind: EntryKind;
  readonly jobs: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly amountMicro: number;
}

/** 'known': this receipt is already there, nothing was counted again. */
export type Appended = 'posted' | 'known';

/** Why an order was not taken: its (requester, nonce) was seen before. */
export type OrderTaken = 'taken' | 'replayed';

/** The part that may write. Every promise resolves when the change is on the disk (fsync), so what it says survives kill -9. */
export interface LedgerWriter {
  /**
   * Worker side, at admission: takes the (requester, nonce) of an order for ever. Atomic also across processes.
   */
  takeOrder(order: VerifiedOrder, nowMs: number): Promise<OrderTaken>;
  /** Requester side, before asking: the open order, so that its receipt can be fetched and judged after a restart. */
  openOrder(order: VerifiedOrder): Promise<void>;
  /**
   * Worker side. With an order the amount is the order's price, on the requester's tab; without one (unsigned) it is `price`,
   * given away. The part of the amount beyond the requester's own credit counts against today's gift budget, unless `noGift`
   * says that the requester has a limit of its own.
   */
  appendServed(
    receipt: VerifiedReceipt,
    terms: { order: VerifiedOrder | undefined; price: Price; nowMs: number; noGift?: boolean },
  ): Promise<Appended>;
  /**
   * Requester side: an audited receipt. Without an order (v1 peer) `price` counts. Settles the open order.
   * `patienceMs`: how long it may wait for others to share its commit.
   */
  appendAsked(
    receipt: AuditedReceipt,
    terms: { order: VerifiedOrder | undefined; price: Price; nowMs: number; patienceMs?: number },
  ): Promise<Appended>;
  /** Requester side: an answer whose receipt is missing or wrong. Costs nothing, is kept and shown. */
  appendDisputed(disputed: {
    dispute: Dispute;
    receipt: VerifiedReceipt | undefined;
    order: VerifiedOrder | undefined;
    jobId: string;
    workerPubkey: Pubkey;
    model: string;
    startedAtMs: number;
    nowMs: number;
  }): Promise<Appended>;
  /** A job of former books, verified now. Never counts against today's gift budget. */
  appendImported(job: ImportedJob): Promise<Appended>;
}

export interface LedgerPageQuery {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly kind: EntryKind | undefined;
  readonly search: string | undefined;
  readonly peers: readonly string[];
}

export interface LedgerPage {
  readonly entries: LedgerEntry[];
  readonly next: string | undefined;
  readonly total: number;
}

/** On the calling thread: each answer takes microseconds, or as long as `limit` says. What takes longer is in Ledger. */
export interface LedgerReader {
  /** 0 for a key never seen. */
  tabMicro(pubkey: Pubkey): number;
  tabs(): Tab[];
  totals(): { earnedMicro: number; spentMicro: number; ownTokens: number; givenMicro: number; jobs: number };
  /** what this key was served on that day, whoever's credit paid for it */
  servedMicro(pubkey: Pubkey, day: string): number;
  /** gift budget already used on that day */
  giftUsedMicro(day: string): number;
  entry(jobId: string): LedgerEntry | undefined;
  /** newest first */
  entries(page: { limit: number; beforeMs?: number }): LedgerEntry[];
  /**
   * Newest first, in pages. `search` is found in model, job id and keys, whatever its case; entries with one of `peers` match
   * it too (labels are not in the ledger). `cursor` is the `next` of the page before; one that cannot be read starts anew.
   */
  page(query: LedgerPageQuery): LedgerPage;
  /** In the order in which they were posted, after that one; for whoever wants all. `lastSeq`: of the last one given. */
  slice(afterSeq: number, limit: number): { entries: LedgerEntry[]; lastSeq: number };
  days(sinceDay: string): DayRow[];
  /** What was asked of somebody and has no good receipt yet, the first to expire first. Kept a day beyond its end. */
  openOrders(): VerifiedOrder[];
  /** do the postings of this entry sum to zero? */
  isBalanced(jobId: string): boolean;
  /**
   * Recomputes every balance from the postings, and every other sum from the entries. Reads all of them on the calling
   * thread: for tests and tools. `verify` does it elsewhere, and more.
   */
  audit(): { entries: number; unbalanced: string[]; wrongBalances: string[] };
}

/** What is wrong with the books, and with which entry (job id), account, day or tab. */
export interface BooksProblem {
  readonly name: string;
  readonly what: string;
}

export interface VerifyReport {
  readonly ok: boolean;
  readonly entries: number;
  /** whose signatures were verified */
  readonly receipts: number;
  readonly orders: number;
  /** the first thousand */
  readonly problems: readonly BooksProblem[];
  readonly problemCount: number;
}

export interface VerifyProgress {
  readonly step: 'file' | 'sums' | 'signatures';
  readonly done: number;
  readonly total: number;
}

export interface BackupReport {
  readonly file: string;
  readonly bytes: number;
  readonly entries: number;
}

export interface BackupProgress {
  readonly step: 'copy' | 'verify';
  /** bytes while it copies */
  readonly done: number;
  readonly total: number;
}

/** What takes longer the longer the books are: done in threads, beside whatever is written meanwhile. */
export interface LedgerTasks {
  page(query: LedgerPageQuery): Promise<LedgerPage>;
  /** as `days`, for times long enough that it takes a while */
  history(sinceDay: string): Promise<DayRow[]>;
  /** `signatures: false` leaves out what takes longest. @throws the reason of the signal */
  verify(options?: { signatures?: boolean } & TaskOptions<VerifyProgress>): Promise<VerifyReport>;
  /**
   * A copy of one moment, verified after it was written, in the place of `target` only when it is whole.
   * @throws GridError invalid_argument when there is such a file and `force` is not set, home_unwritable, ledger_failed
   */
  backup(target: string, options?: { force?: boolean } & TaskOptions<BackupProgress>): Promise<BackupReport>;
}

export interface Ledger extends Omit<LedgerReader, keyof LedgerTasks>, LedgerTasks, LedgerWriter, AsyncDisposable {
  readonly ownPubkey: Pubkey;
  /** jobs that wait or are kept, in the same file: their end and their receipt are one commit */
  readonly storedJobs: StoredJobs;
  /** Writes what is under way, then closes. Safe to call twice. */
  close(): Promise<void>;
}
