import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { sha256Hex, verifySignature, type Signer } from './ed25519.ts';
import type { Pubkey } from './pubkey.ts';
import { epochMsSchema, pubkeySchema, signatureSchema } from './receipt.ts';

/**
 * Who stands nearer than a stranger. 'friend': somebody else, with a limit of its own. 'device': another machine of the same
 * owner, free both ways.
 */
export const CIRCLES = ['friend', 'device'] as const;
export type Circle = (typeof CIRCLES)[number];

const PREFIX = 'lobstah:invite?';
/** A QR code of this size can still be read from a screen. */
const MAX_LINK_CHARACTERS = 2_500;
export const MAX_INVITE_ADDRESSES = 4;
export const MAX_LABEL_CHARACTERS = 40;

export const labelSchema = z
  .string()
  .max(MAX_LABEL_CHARACTERS)
  // What is shown to people must not turn the text around it: control and direction characters are no part of a name.
  .regex(/^[^\p{C}\p{Zl}\p{Zp}]*$/u);
/** Schemes only: whether the address may be dialled is the business of whoever dials it. */
export const addressSchema = z
  .string()
  .max(512)
  .regex(/^(?:https?:\/\/|iroh:)[\x21-\x7e]+$/);
export const inviteIdSchema = z.string().regex(/^[0-9a-f]{32}$/);

const inviteSchema = z.strictObject({
  type: z.literal('lobstah-invite'),
  version: z.literal(1),
  circle: z.enum(CIRCLES),
  inviterPubkey: pubkeySchema,
  addresses: z.array(addressSchema).max(MAX_INVITE_ADDRESSES),
  label: labelSchema,
  inviteId: inviteIdSchema,
  secret: z.string().regex(/^[0-9a-f]{32}$/),
  expiresAt: epochMsSchema,
});

export type Invite = z.infer<typeof inviteSchema>;
export interface SignedInvite {
  readonly invite: Invite;
  readonly signature: string;
}
/** Only `verifyInvite` and `issueInvite` make one: whoever it names has signed all of it. Says nothing about its age. */
export type VerifiedInvite = SignedInvite & { readonly __verified: 'invite' };

/** @param fields `inviteId` and `secret`: 16 random bytes each, in hex; `expiresAt` in ms since 1970 */
export function issueInvite(
  fields: Omit<Invite, 'type' | 'version' | 'inviterPubkey'>,
  signer: Signer,
): VerifiedInvite {
  const invite: Invite = { ...fields, type: 'lobstah-invite', version: 1, inviterPubkey: signer.pubkey };
  return { invite, signature: signer.sign(canonicalJson(invite)) } as unknown as VerifiedInvite;
}

/** The link, for a message or a QR code. It is a secret until somebody has redeemed it. */
export function formatInvite({ invite, signature }: SignedInvite): string {
  const { circle, inviterPubkey, addresses, label, inviteId, secret, expiresAt } = invite;
  const params = new URLSearchParams([
    ['v', '1'],
    ['as', circle],
    ['key', inviterPubkey],
    ...addresses.map((address): [string, string] => ['at', address]),
    ['label', label],
    ['id', inviteId],
    ['secret', secret],
    ['until', String(expiresAt)],
    ['sig', signature],
  ]);
  return `${PREFIX}${params.toString()}`;
}

const NAMES = ['v', 'as', 'key', 'label', 'id', 'secret', 'until', 'sig'] as const;

/** @returns what has the form of an invite link, unverified; undefined for anything else */
export function parseInvite(input: unknown): SignedInvite | undefined {
  if (typeof input !== 'string') return undefined;
  const text = input.trim();
  if (!text.startsWith(PREFIX) || text.length > MAX_LINK_CHARACTERS) return undefined;
  const params = new URLSearchParams(text.slice(PREFIX.length));
  const known: readonly string[] = [...NAMES, 'at'];
  // A member twice would let two readers understand two things.
  if ([...params.keys()].some((name) => !known.includes(name))) return undefined;
  if (NAMES.some((name) => params.getAll(name).length !== 1)) return undefined;
  const until = params.get('until') ?? '';
  const parsed = inviteSchema.safeParse({
    type: 'lobstah-invite',
    version: params.get('v') === '1' ? 1 : undefined,
    circle: params.get('as'),
    inviterPubkey: params.get('key'),
    addresses: params.getAll('at'),
    label: params.get('label'),
    inviteId: params.get('id'),
    secret: params.get('secret'),
    expiresAt: /^\d{1,16}$/.test(until) ? Number(until) : undefined,
  });
  const signature = signatureSchema.safeParse(params.get('sig'));
  return parsed.success && signature.success ? { invite: parsed.data, signature: signature.data } : undefined;
}

/** @returns undefined for junk and for a signature that is not that of the key it names */
export function verifyInvite(input: unknown): VerifiedInvite | undefined {
  const parsed = parseInvite(input);
  if (!parsed) return undefined;
  const { invite, signature } = parsed;
  return verifySignature(canonicalJson(invite), signature, invite.inviterPubkey)
    ? (parsed as VerifiedInvite)
    : undefined;
}

export type InviteRefusal = 'expired' | 'own';

/** May whoever holds it redeem it now? The maker decides once more, by its own clock. */
export function judgeInvite(
  { invite }: VerifiedInvite,
  here: { ownPubkey: Pubkey; nowMs: number },
): InviteRefusal | undefined {
  if (invite.inviterPubkey === here.ownPubkey) return 'own';
  return here.nowMs > invite.expiresAt ? 'expired' : undefined;
}

/** All that is kept of a secret, on both sides. @returns 64 hex digits */
export function hashOfSecret(secret: string): string {
  return sha256Hex(`lobstah-invite-secret:${secret}`);
}
