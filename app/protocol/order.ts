import { z } from 'zod';
import { canonicalJson, withCanonical } from './canonical-json.ts';
import { sha256Hex, verifySignature, type Signer } from './ed25519.ts';
import { MAX_PRICE, MAX_TOKENS_PER_JOB, type Price } from './price.ts';
import { type Pubkey } from './pubkey.ts';
import { epochMsSchema, pubkeySchema, signatureSchema } from './receipt.ts';

/** At admission an order is fresh while |now - issuedAt| is at most this. */
export const ORDER_FRESH_MS = 5 * 60_000;
/** No order stays open longer, whatever its deadline says. */
export const ORDER_MAX_LIFE_MS = 24 * 3600_000;

const priceSchema = z.int().min(0).max(MAX_PRICE);

/** Price in micro-credits per token, times in ms since 1970. */
const orderSchema = z.strictObject({
  type: z.literal('lobstah-order'),
  version: z.literal(1),
  nonce: z.string().regex(/^[0-9a-f]{32}$/),
  requesterPubkey: pubkeySchema,
  workerPubkey: pubkeySchema,
  model: z.string().min(1).max(256),
  maxOutputTokens: z.int().min(1).max(MAX_TOKENS_PER_JOB),
  price: z.strictObject({ input: priceSchema, output: priceSchema }),
  bodySha256: z.string().regex(/^[0-9a-f]{64}$/),
  issuedAt: epochMsSchema,
  deadline: epochMsSchema,
});
const signedOrderSchema = z.object({ order: orderSchema, signature: signatureSchema });

export type Order = z.infer<typeof orderSchema>;
export interface SignedOrder {
  readonly order: Order;
  readonly signature: string;
}
/** Only `verifyOrder` and `issueOrder` make one: the signature is the requester's, the job id belongs to exactly these fields. */
export type VerifiedOrder = SignedOrder & {
  readonly jobId: string;
  /** what was signed */
  readonly canonical: string;
  readonly __verified: 'order';
};

/** Hex SHA-256 of the canonical order: a receipt that carries it is bound to every field. */
function jobIdOf(canonicalOrder: string): string {
  return sha256Hex(canonicalOrder);
}

export function issueOrder(order: Omit<Order, 'type' | 'version' | 'requesterPubkey'>, signer: Signer): VerifiedOrder {
  const whole: Order = { type: 'lobstah-order', version: 1, requesterPubkey: signer.pubkey, ...order };
  const canonical = canonicalJson(whole);
  const signed = { order: whole, signature: signer.sign(canonical), jobId: jobIdOf(canonical) };
  return withCanonical(signed, canonical) as unknown as VerifiedOrder;
}

/** @returns undefined for junk, unknown members, a deadline before the issue or over 24 h after it, and a foreign signature */
export function verifyOrder(input: unknown): VerifiedOrder | undefined {
  const parsed = signedOrderSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const { order, signature } = parsed.data;
  if (order.deadline < order.issuedAt || order.deadline - order.issuedAt > ORDER_MAX_LIFE_MS) return undefined;
  const canonical = canonicalJson(order);
  if (!verifySignature(canonical, signature, order.requesterPubkey)) return undefined;
  return withCanonical({ order, signature, jobId: jobIdOf(canonical) }, canonical) as unknown as VerifiedOrder;
}

export type OrderRefusal = 'other_worker' | 'stale' | 'expired' | 'price_below_offer' | 'other_body' | 'other_model';

/** What a worker asks of a genuine order before it takes it. Replay is the store's question, not this one's. */
export function judgeOrder(
  { order }: VerifiedOrder,
  here: { workerPubkey: Pubkey; offer: Price; model: string; bodySha256: string; nowMs: number },
): OrderRefusal | undefined {
  if (order.workerPubkey !== here.workerPubkey) return 'other_worker';
  if (Math.abs(here.nowMs - order.issuedAt) > ORDER_FRESH_MS) return 'stale';
  if (here.nowMs > order.deadline) return 'expired';
  if (order.model !== here.model) return 'other_model';
  if (order.price.input < here.offer.input || order.price.output < here.offer.output) return 'price_below_offer';
  if (order.bodySha256 !== here.bodySha256) return 'other_body';
  return undefined;
}
