import { z } from 'zod';
import { canonicalJson } from './canonical-json.ts';
import { TIERS } from './capacity.ts';
import { verifySignature, type Signer } from './ed25519.ts';
import type { Pubkey } from './pubkey.ts';
import { epochMsSchema, pubkeySchema, signatureSchema } from './receipt.ts';

/** What a worker tells with each announcement unless somebody says otherwise. */
export const ANNOUNCE_TTL_SECONDS = 300;
/** However long or short an announcement wants to live, a reader believes it for no less and no more. */
export const MIN_TTL_SECONDS = 30;
export const MAX_TTL_SECONDS = 3600;
/** v1: clocks may differ by this much. */
export const ANNOUNCE_SKEW_MS = 5 * 60_000;
const MAX_MODELS = 200;

/** Schemes only: whether the address may be dialled is the business of whoever dials it. */
const urlSchema = z
  .string()
  .max(512)
  .regex(/^(?:https?:\/\/|iroh:)[\x21-\x7e]+$/);

/** The form of Lobstah v1, unchanged. `announcedAt` in ms since 1970. */
const announcementSchema = z.strictObject({
  version: z.literal(1),
  pubkey: pubkeySchema,
  url: urlSchema,
  label: z.string().max(120).optional(),
  models: z.array(z.string().min(1).max(256)).max(MAX_MODELS).optional(),
  tier: z.enum(TIERS).optional(),
  ttlSeconds: z.int().min(0).max(31_536_000),
  announcedAt: epochMsSchema,
});
const signedAnnouncementSchema = z.object({ announcement: announcementSchema, signature: signatureSchema });

export type Announcement = z.infer<typeof announcementSchema>;
export interface SignedAnnouncement {
  readonly announcement: Announcement;
  readonly signature: string;
}

/** Only `verifyAnnouncement` and `issueAnnouncement` make one: whoever it names has signed it. Says nothing about its age. */
export type VerifiedAnnouncement = SignedAnnouncement & { readonly __verified: 'announcement' };

export function issueAnnouncement(
  fields: Omit<Announcement, 'version' | 'pubkey' | 'models'> & { models?: readonly string[] | undefined },
  signer: Signer,
): VerifiedAnnouncement {
  const { models, ...rest } = fields;
  const announcement: Announcement = {
    ...rest,
    ...(models === undefined ? {} : { models: models.slice(0, MAX_MODELS) }),
    version: 1,
    pubkey: signer.pubkey,
  };
  return { announcement, signature: signer.sign(canonicalJson(announcement)) } as unknown as VerifiedAnnouncement;
}

/** @returns what has the form of a signed announcement, unverified; undefined for anything else */
export function parseAnnouncement(input: unknown): SignedAnnouncement | undefined {
  const parsed = signedAnnouncementSchema.safeParse(input);
  return parsed.success ? parsed.data : undefined;
}

/** @returns undefined for junk and for a signature that is not that of the key it names */
export function verifyAnnouncement(input: unknown): VerifiedAnnouncement | undefined {
  const parsed = parseAnnouncement(input);
  if (!parsed) return undefined;
  const { announcement, signature } = parsed;
  if (!verifySignature(canonicalJson(announcement), signature, announcement.pubkey)) return undefined;
  return parsed as VerifiedAnnouncement;
}

export function clampTtlSeconds(ttlSeconds: number): number {
  return Math.min(MAX_TTL_SECONDS, Math.max(MIN_TTL_SECONDS, ttlSeconds));
}

/** v1: stale when older than its ttl (here: as clamped), future when more than five minutes ahead. */
export function judgeAge(
  { announcedAt, ttlSeconds }: Pick<Announcement, 'announcedAt' | 'ttlSeconds'>,
  nowMs: number,
): 'stale' | 'future' | undefined {
  if (announcedAt - nowMs > ANNOUNCE_SKEW_MS) return 'future';
  return nowMs - announcedAt > clampTtlSeconds(ttlSeconds) * 1000 ? 'stale' : undefined;
}

const unannounceSchema = z.object({ pubkey: pubkeySchema, timestamp: epochMsSchema, signature: signatureSchema });

export interface Unannounce {
  readonly pubkey: Pubkey;
  /** ms since 1970 */
  readonly timestamp: number;
  readonly signature: string;
}
export type VerifiedUnannounce = Unannounce & { readonly __verified: 'unannounce' };

const unannounceText = (pubkey: Pubkey, timestamp: number) => `unannounce:${pubkey}:${timestamp}`;

export function issueUnannounce(timestamp: number, signer: Signer): VerifiedUnannounce {
  const signature = signer.sign(unannounceText(signer.pubkey, timestamp));
  return { pubkey: signer.pubkey, timestamp, signature } as unknown as VerifiedUnannounce;
}

/** @returns undefined for junk: v1 took a signature over the word "undefined" where a timestamp was missing */
export function parseUnannounce(input: unknown): Unannounce | undefined {
  const parsed = unannounceSchema.safeParse(input);
  return parsed.success ? parsed.data : undefined;
}

export function verifyUnannounce(input: unknown): VerifiedUnannounce | undefined {
  const parsed = parseUnannounce(input);
  if (!parsed) return undefined;
  const { pubkey, timestamp, signature } = parsed;
  return verifySignature(unannounceText(pubkey, timestamp), signature, pubkey)
    ? (parsed as VerifiedUnannounce)
    : undefined;
}

/** v1: a wish to be forgotten holds for five minutes around the moment it names. */
export function judgeUnannounceAge(timestamp: number, nowMs: number): 'stale' | 'future' | undefined {
  if (timestamp - nowMs > ANNOUNCE_SKEW_MS) return 'future';
  return nowMs - timestamp > ANNOUNCE_SKEW_MS ? 'stale' : undefined;
}
