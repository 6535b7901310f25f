import type { MessagePort } from 'node:worker_threads';
import { openStoreForReading } from '../store/open-store.ts';
import type { DayRow, LedgerPage, LedgerPageQuery } from './ledger.ts';
import { createReader } from './reader.ts';
import { failureOf } from './write-batch.ts';
import type { WriteFailure } from './write-op.ts';

/** Questions whose answers take longer the longer the books are. */
export type Look =
  { readonly look: 'page'; readonly query: LedgerPageQuery } | { readonly look: 'days'; readonly sinceDay: string };

export interface LookResults {
  page: LedgerPage;
  days: DayRow[];
}

export interface LookRequest {
  readonly ticket: number;
  readonly look: Look;
}

export type LookReply = { readonly ticket: number } & (
  { readonly value: LookResults[Look['look']] } | { readonly failure: WriteFailure }
);

/** Answers one question after the other, each as of the last commit. */
export function runLooker(port: MessagePort, file: string): void {
  const reader = createReader(openStoreForReading(file));
  const answer = (look: Look) => (look.look === 'page' ? reader.page(look.query) : reader.days(look.sinceDay));
  port.on('message', ({ ticket, look }: LookRequest) => {
    let reply: LookReply;
    try {
      reply = { ticket, value: answer(look) };
    } catch (error) {
      reply = { ticket, failure: failureOf(error) };
    }
    port.postMessage(reply);
  });
}
