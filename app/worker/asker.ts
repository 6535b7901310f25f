import { sha256Hex } from '../protocol/ed25519.ts';
import { GridError } from '../protocol/errors.ts';
import { decodeHeaderJson, HELLO_HEADER, ORDER_HEADER, REQUESTER_HEADER } from '../protocol/headers.ts';
import { verifyHello } from '../protocol/hello.ts';
import { judgeOrder, verifyOrder, type OrderRefusal, type VerifiedOrder } from '../protocol/order.ts';
import { FREE_PRICE, type Price } from '../protocol/price.ts';
import { parsePubkey, type Pubkey } from '../protocol/pubkey.ts';

/**
 * Who asks. A key counts only with a proof, a signed order (over the overlay also that of the connection, which has to be the
 * same: proven-requester.ts). What
 * `x-lobstah-requester` claims without one goes into the receipt, as v1 peers expect, and opens nobody's tab.
 */
export type Asker =
  | { readonly kind: 'own'; readonly pubkey: Pubkey; readonly order: VerifiedOrder }
  | { readonly kind: 'key'; readonly pubkey: Pubkey; readonly order: VerifiedOrder }
  | { readonly kind: 'unsigned'; readonly claimed: Pubkey | 'anonymous' };

type Headers = Readonly<Record<string, string | string[] | undefined>>;

const SENTENCES: Record<OrderRefusal, string> = {
  other_worker: 'The order is for another worker.',
  stale: 'The order is older than five minutes, or the clocks of both machines differ by more than that.',
  expired: 'The deadline of the order has passed.',
  price_below_offer: 'The order pays less than this worker asks.',
  other_body: 'The order was signed for another body.',
  other_model: 'The order names another model than the request.',
};

/** @throws GridError order_invalid when an order is there but does not hold */
export function whoAsks(
  headers: Headers,
  request: { model: string; body: Buffer },
  here: { pubkey: Pubkey; offerTo: (pubkey: Pubkey) => Price; nowMs: number },
): Asker {
  if (headers[ORDER_HEADER] === undefined)
    return { kind: 'unsigned', claimed: parsePubkey(headers[REQUESTER_HEADER]) ?? 'anonymous' };
  const order = verifyOrder(decodeHeaderJson(headers[ORDER_HEADER]));
  if (!order)
    throw new GridError('order_invalid', 'The order is not readable or its signature is not that of its requester.', {
      details: { reason: 'unreadable' },
    });
  const { requesterPubkey } = order.order;
  const own = requesterPubkey === here.pubkey;
  const refusal = judgeOrder(order, {
    workerPubkey: here.pubkey,
    // The owner's own use is free, so no price is too low for it.
    offer: own ? FREE_PRICE : here.offerTo(requesterPubkey),
    model: request.model,
    bodySha256: sha256Hex(request.body),
    nowMs: here.nowMs,
  });
  if (refusal) throw new GridError('order_invalid', SENTENCES[refusal], { details: { reason: refusal } });
  return { kind: own ? 'own' : 'key', pubkey: requesterPubkey, order };
}

/** Who looks, without a job to order. @returns undefined for whoever does not prove a key */
export function whoLooks(headers: Headers, here: { pubkey: Pubkey; nowMs: number }): Pubkey | undefined {
  return verifyHello(decodeHeaderJson(headers[HELLO_HEADER]), { workerPubkey: here.pubkey, nowMs: here.nowMs });
}
