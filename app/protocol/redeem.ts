import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { verifySignature, type Signer } from './ed25519.ts';
import { addressSchema, CIRCLES, inviteIdSchema, labelSchema, MAX_INVITE_ADDRESSES } from './invite.ts';
import type { Pubkey } from './pubkey.ts';
import { epochMsSchema, pubkeySchema, signatureSchema } from './receipt.ts';

/** Both messages hold for five minutes around the moment they name, for one pair of keys and one invite. */
const REDEEM_FRESH_MS = 5 * 60_000;

const redeemSchema = z.strictObject({
  type: z.literal('lobstah-redeem'),
  version: z.literal(1),
  circle: z.enum(CIRCLES),
  inviteId: inviteIdSchema,
  inviterPubkey: pubkeySchema,
  requesterPubkey: pubkeySchema,
  /** where the one who redeems can be reached; may be empty */
  addresses: z.array(addressSchema).max(MAX_INVITE_ADDRESSES),
  label: labelSchema,
  issuedAt: epochMsSchema,
});
const signedRedeemSchema = z.strictObject({
  redeem: redeemSchema,
  /** HMAC-SHA-256 over the canonical redeem, keyed with the hash of the secret: the secret itself never travels */
  proof: z.string().regex(/^[0-9a-f]{64}$/),
  signature: signatureSchema,
});

export type Redeem = z.infer<typeof redeemSchema>;
export interface SignedRedeem {
  readonly redeem: Redeem;
  readonly proof: string;
  readonly signature: string;
}
/** Only `verifyRedeem` makes one: signed by the key it names. Whether it knew the secret is for `provesSecret` to say. */
export type VerifiedRedeem = SignedRedeem & { readonly __verified: 'redeem' };

function proofOf(redeem: Redeem, secretHash: string): Buffer {
  return createHmac('sha256', Buffer.from(secretHash, 'hex')).update(canonicalJson(redeem)).digest();
}

/** @param secretHash `hashOfSecret` of the secret in the invite */
export function issueRedeem(
  fields: Omit<Redeem, 'type' | 'version' | 'requesterPubkey'>,
  secretHash: string,
  signer: Signer,
): SignedRedeem {
  const redeem: Redeem = { ...fields, type: 'lobstah-redeem', version: 1, requesterPubkey: signer.pubkey };
  const proof = proofOf(redeem, secretHash).toString('hex');
  return { redeem, proof, signature: signer.sign(canonicalJson({ redeem, proof })) };
}

/** @returns undefined for junk, for another inviter, for what is not fresh, and for a foreign signature */
export function verifyRedeem(
  input: unknown,
  here: { inviterPubkey: Pubkey; nowMs: number },
): VerifiedRedeem | undefined {
  const parsed = signedRedeemSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const { redeem, proof, signature } = parsed.data;
  if (redeem.inviterPubkey !== here.inviterPubkey || redeem.requesterPubkey === here.inviterPubkey) return undefined;
  if (Math.abs(here.nowMs - redeem.issuedAt) > REDEEM_FRESH_MS) return undefined;
  return verifySignature(canonicalJson({ redeem, proof }), signature, redeem.requesterPubkey)
    ? ({ redeem, proof, signature } as unknown as VerifiedRedeem)
    : undefined;
}

/** Did it know the secret of the invite? Takes as long for a wrong proof as for the right one. */
export function provesSecret({ redeem, proof }: VerifiedRedeem, secretHash: string): boolean {
  return timingSafeEqual(Buffer.from(proof, 'hex'), proofOf(redeem, secretHash));
}

/** 'waiting': its maker has not decided yet. */
export const REDEEM_STATES = ['waiting', 'accepted', 'refused'] as const;
export type RedeemState = (typeof REDEEM_STATES)[number];

const answerSchema = z.strictObject({
  answer: z.strictObject({
    type: z.literal('lobstah-redeem-answer'),
    version: z.literal(1),
    inviteId: inviteIdSchema,
    inviterPubkey: pubkeySchema,
    requesterPubkey: pubkeySchema,
    state: z.enum(REDEEM_STATES),
    /** `issuedAt` of what it answers: an old answer is none to a new question */
    answers: epochMsSchema,
  }),
  signature: signatureSchema,
});
export type SignedRedeemAnswer = z.infer<typeof answerSchema>;

export function issueRedeemAnswer({ redeem }: VerifiedRedeem, state: RedeemState, signer: Signer): SignedRedeemAnswer {
  const { inviteId, requesterPubkey, issuedAt } = redeem;
  const answer = {
    type: 'lobstah-redeem-answer',
    version: 1,
    inviteId,
    inviterPubkey: signer.pubkey,
    requesterPubkey,
    state,
    answers: issuedAt,
  } as const;
  return { answer, signature: signer.sign(canonicalJson(answer)) };
}

/** @returns undefined for junk and for what the inviter did not sign as the answer to exactly this */
export function verifyRedeemAnswer(input: unknown, { redeem }: SignedRedeem): RedeemState | undefined {
  const parsed = answerSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const { answer, signature } = parsed.data;
  if (
    answer.inviteId !== redeem.inviteId ||
    answer.inviterPubkey !== redeem.inviterPubkey ||
    answer.requesterPubkey !== redeem.requesterPubkey ||
    answer.answers !== redeem.issuedAt
  )
    return undefined;
  return verifySignature(canonicalJson(answer), signature, redeem.inviterPubkey) ? answer.state : undefined;
}
