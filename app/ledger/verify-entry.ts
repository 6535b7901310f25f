import { verifyOrder } from '../protocol/order.ts';
import { costMicro } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { verifyReceipt, type VerifiedReceipt } from '../protocol/receipt.ts';
import type { LedgerEntry } from './ledger.ts';

/**
 * What is wrong with one entry, judged by its own documents: both signatures, what binds them to each other, and whether the
 * columns say what the documents say. Empty when nothing is. Never throws.
 */
export function problemsOfEntry(entry: LedgerEntry, ownPubkey: Pubkey): string[] {
  const problems: string[] = [];
  const must = (holds: boolean, problem: string) => void (holds || problems.push(problem));
  const receipt = verifyReceipt(parsed(entry.receiptJson));
  const order = verifyOrder(parsed(entry.orderJson));
  if (entry.receiptJson !== undefined)
    must(receipt !== undefined, 'the receipt does not carry the signature of its worker');
  if (entry.orderJson !== undefined) {
    must(order !== undefined, 'the order does not carry the signature of its requester');
    if (order) must(order.jobId === entry.jobId, 'the order is for another job');
  }
  // A disputed entry is about a receipt that does not fit: it is kept as it came.
  if (entry.kind === 'disputed') return problems;
  must(entry.receiptJson !== undefined, 'there is no receipt');
  if (receipt) problems.push(...differences(entry, receipt));
  if (receipt && order) {
    must(receipt.receipt.jobId === order.jobId, 'the receipt is not for this order');
    must(receipt.receipt.nonce === order.order.nonce, 'the receipt does not carry the nonce of the order');
    if (entry.kind !== 'own')
      must(
        entry.amountMicro === costMicro(order.order.price, receipt.receipt),
        'the amount is not the price of the order',
      );
  }
  const serving = entry.workerPubkey === ownPubkey;
  const asking = entry.requesterPubkey === ownPubkey;
  const sides = { served: serving, given: serving, asked: asking, own: serving && asking };
  must(sides[entry.kind], `this machine has no part in it that makes it '${entry.kind}'`);
  return problems;
}

function differences(entry: LedgerEntry, { receipt }: VerifiedReceipt): string[] {
  const pairs: readonly (readonly [what: string, kept: unknown, signed: unknown])[] = [
    ['job id', entry.jobId, receipt.jobId],
    ['worker', entry.workerPubkey, receipt.workerPubkey],
    ['requester', entry.requesterPubkey, receipt.requesterPubkey],
    ['nonce', entry.nonce, receipt.nonce],
    ['model', entry.model, receipt.model],
    ['input tokens', entry.inputTokens, receipt.inputTokens],
    ['output tokens', entry.outputTokens, receipt.outputTokens],
    ['start', entry.startedAtMs, receipt.startedAt],
    ['end', entry.completedAtMs, receipt.completedAt],
  ];
  return pairs.filter(([, kept, signed]) => kept !== signed).map(([what]) => `its ${what} is not that of the receipt`);
}

/** @returns undefined also for what is no JSON: then there is no document */
function parsed(json: string | undefined): unknown {
  if (json === undefined) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
