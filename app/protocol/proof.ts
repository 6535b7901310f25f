import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { verifySignature, type Signer } from './ed25519.ts';
import type { Pubkey } from './pubkey.ts';
import { pubkeySchema, signatureSchema } from './receipt.ts';

/**
 * A worker's answer to a challenge: I hold this key, and I was asked at this address. mDNS carries no signature, so whoever
 * hears a key there asks for this. The address is in it because somebody in between could otherwise pass the challenge on to
 * the worker it pretends to be; a worker answers to no Host that is not its own.
 */
const proofSchema = z.object({
  proof: z.strictObject({
    type: z.literal('lobstah-proof'),
    version: z.literal(1),
    workerPubkey: pubkeySchema,
    challenge: z.string().regex(/^[0-9a-f]{32}$/),
    address: z.string().max(300),
  }),
  signature: signatureSchema,
});
export type SignedProof = z.infer<typeof proofSchema>;

const CHALLENGE = /^[0-9a-f]{32}$/;

/** @returns undefined for what is no challenge: nothing is signed that others could choose freely */
export function answerChallenge(challenge: unknown, host: string | undefined, signer: Signer): SignedProof | undefined {
  if (typeof challenge !== 'string' || !CHALLENGE.test(challenge) || host === undefined || host.length > 300)
    return undefined;
  const proof = {
    type: 'lobstah-proof',
    version: 1,
    workerPubkey: signer.pubkey,
    challenge,
    address: host.toLowerCase(),
  } as const;
  return { proof, signature: signer.sign(canonicalJson(proof)) };
}

/** @param address host:port as it was dialled */
export function isProof(input: unknown, asked: { workerPubkey: Pubkey; challenge: string; address: string }): boolean {
  const parsed = proofSchema.safeParse(input);
  if (!parsed.success) return false;
  const { proof, signature } = parsed.data;
  return (
    proof.workerPubkey === asked.workerPubkey &&
    proof.challenge === asked.challenge &&
    proof.address === asked.address.toLowerCase() &&
    verifySignature(canonicalJson(proof), signature, proof.workerPubkey)
  );
}
