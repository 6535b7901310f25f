import type { RequestHandler } from 'express';
import { GridError } from '../protocol/errors.ts';
import { decodeHeaderJson, ORDER_HEADER } from '../protocol/headers.ts';
import { verifyOrder } from '../protocol/order.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** As long as an order can be open. */
const HANDED_OUT_MS = 24 * 3600_000;

/**
 * GET /v1/receipts/:jobId, with the signed order in `x-lobstah-order`: the receipt, also of an answer that the requester hung
 * up on. Only requester and worker ever had the order, so it opens nothing to others.
 */
export function lostReceipt(deps: WorkerDeps): RequestHandler {
  return (request, response) => {
    const jobId = String(request.params['jobId']);
    const order = verifyOrder(decodeHeaderJson(request.headers[ORDER_HEADER]));
    if (order?.jobId !== jobId || order.order.workerPubkey !== deps.signer.pubkey)
      throw new GridError('receipt_not_found');
    const entry = deps.ledger.entry(jobId);
    const isServed = entry?.kind === 'served' || entry?.kind === 'own';
    if (!isServed || entry.receiptJson === undefined || deps.nowMs() - entry.postedAtMs > HANDED_OUT_MS)
      throw new GridError('receipt_not_found');
    response.json(JSON.parse(entry.receiptJson));
  };
}
