import type { AuditedReceipt, Dispute } from '../protocol/audit.ts';
import type { VerifiedOrder } from '../protocol/order.ts';
import type { Price } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';

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
   * given away. `gift`: the part of the amount beyond the requester's own credit counts against today's gift budget.
   */
  appendServed(
    receipt: VerifiedReceipt,
    terms: { order: VerifiedOrder | undefined; price: Price; nowMs: number },
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
}

export interface LedgerPageQuery {
  readonly limit: number;
  readonly cursor: string | undefined;
  readonly kind: EntryKind | undefined;
  readonly search: string | undefined;
  readonly peers: readonly string[];
}

export interface LedgerReader {
  /** 0 for a key never seen. */
  tabMicro(pubkey: Pubkey): number;
  tabs(): Tab[];
  totals(): { earnedMicro: number; spentMicro: number; ownTokens: number; givenMicro: number; jobs: number };
  /** gift budget already used on that day */
  giftUsedMicro(day: string): number;
  entry(jobId: string): LedgerEntry | undefined;
  /** newest first */
  entries(page: { limit: number; beforeMs?: number }): LedgerEntry[];
  /**
   * Newest first, in pages. `search` is found in model, job id and keys, whatever its case; entries with one of `peers` match
   * it too (labels are not in the ledger). `cursor` is the `next` of the page before; one that cannot be read starts anew.
   */
  page(query: LedgerPageQuery): { entries: LedgerEntry[]; next: string | undefined; total: number };
  days(sinceDay: string): DayRow[];
  /** What was asked of somebody and has no good receipt yet, the first to expire first. Kept a day beyond its end. */
  openOrders(): VerifiedOrder[];
  /** do the postings of this entry sum to zero? */
  isBalanced(jobId: string): boolean;
  /** Recomputes every balance from the postings, and every other sum from the entries. Reads all of them: not for every day. */
  audit(): { entries: number; unbalanced: string[]; wrongBalances: string[] };
}

export interface Ledger extends LedgerReader, LedgerWriter, AsyncDisposable {
  readonly ownPubkey: Pubkey;
  /** Writes what is under way, then closes. Safe to call twice. */
  close(): Promise<void>;
}
