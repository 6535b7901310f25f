import { z } from 'zod';
import { canonicalJson, withCanonical } from './canonical-json.ts';
import { verifySignature, type Signer } from './ed25519.ts';
import { MAX_TOKENS_PER_JOB } from './price.ts';
import { parsePubkey, type Pubkey } from './pubkey.ts';

/** v1: a receipt without an order is fresh while |now - completedAt| is at most this. */
export const RECEIPT_FRESH_MS = 5 * 60_000;

export const pubkeySchema = z.custom<Pubkey>((input) => parsePubkey(input) !== undefined, 'not a lob1 key');
export const signatureSchema = z.string().regex(/^[0-9a-f]{128}$/);
const nonceSchema = z.string().regex(/^[0-9a-f]{32}$/);
const tokensSchema = z.int().min(0).max(MAX_TOKENS_PER_JOB);
/** Milliseconds since 1970 up to the year 2255: what is beyond is a mistake or an attack. */
export const epochMsSchema = z.int().min(0).max(9_000_000_000_000);

/** Times in ms since 1970, counts in tokens. The form of Lobstah v1, unchanged. */
const receiptSchema = z.strictObject({
  version: z.literal(1),
  jobId: z.string().min(1).max(128),
  nonce: nonceSchema,
  requesterPubkey: z.union([pubkeySchema, z.literal('anonymous')]),
  workerPubkey: pubkeySchema,
  model: z.string().min(1).max(256),
  inputTokens: tokensSchema,
  outputTokens: tokensSchema,
  startedAt: epochMsSchema,
  completedAt: epochMsSchema,
});
const signedReceiptSchema = z.object({ receipt: receiptSchema, signature: signatureSchema });

export type Receipt = z.infer<typeof receiptSchema>;
export interface SignedReceipt {
  readonly receipt: Receipt;
  readonly signature: string;
}

/** Only `verifyReceipt` and `issueReceipt` make one: the signature is the worker's, the counts are sane. */
export type VerifiedReceipt = SignedReceipt & {
  /** what was signed */
  readonly canonical: string;
  readonly __verified: 'receipt';
};

export function issueReceipt(receipt: Receipt, signer: Signer): VerifiedReceipt {
  const canonical = canonicalJson(receipt);
  return withCanonical({ receipt, signature: signer.sign(canonical) }, canonical) as unknown as VerifiedReceipt;
}

/** @returns undefined for junk, negative or absurd counts, an end before its start, and a signature that is not the worker's */
export function verifyReceipt(input: unknown): VerifiedReceipt | undefined {
  const parsed = signedReceiptSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const { receipt, signature } = parsed.data;
  if (receipt.completedAt < receipt.startedAt) return undefined;
  const canonical = canonicalJson(receipt);
  if (!verifySignature(canonical, signature, receipt.workerPubkey)) return undefined;
  return withCanonical({ receipt, signature }, canonical) as unknown as VerifiedReceipt;
}
