import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { verifySignature, type Signer } from './ed25519.ts';
import { type Pubkey } from './pubkey.ts';
import { epochMsSchema, pubkeySchema, signatureSchema } from './receipt.ts';

/**
 * Proof of who asks for a request without a body to bind (capacity, models). It opens nothing but a view: a worker shows the
 * owner's own models to the owner, and later what friends may see to friends. Fresh for five minutes, for one worker only.
 */
const HELLO_FRESH_MS = 5 * 60_000;

const helloSchema = z.object({
  hello: z.strictObject({
    type: z.literal('lobstah-hello'),
    version: z.literal(1),
    requesterPubkey: pubkeySchema,
    workerPubkey: pubkeySchema,
    issuedAt: epochMsSchema,
  }),
  signature: signatureSchema,
});
export type SignedHello = z.infer<typeof helloSchema>;

export function issueHello(workerPubkey: Pubkey, nowMs: number, signer: Signer): SignedHello {
  const hello = {
    type: 'lobstah-hello',
    version: 1,
    requesterPubkey: signer.pubkey,
    workerPubkey,
    issuedAt: nowMs,
  } as const;
  return { hello, signature: signer.sign(canonicalJson(hello)) };
}

/** @returns the key that said hello, undefined when it is not proven */
export function verifyHello(input: unknown, here: { workerPubkey: Pubkey; nowMs: number }): Pubkey | undefined {
  const parsed = helloSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const { hello, signature } = parsed.data;
  if (hello.workerPubkey !== here.workerPubkey || Math.abs(here.nowMs - hello.issuedAt) > HELLO_FRESH_MS)
    return undefined;
  return verifySignature(canonicalJson(hello), signature, hello.requesterPubkey) ? hello.requesterPubkey : undefined;
}
