import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { CIRCLES, inviteIdSchema } from '../protocol/invite.ts';
import { epochMsSchema, pubkeySchema } from '../protocol/receipt.ts';

/** What a friend may have a day when its owner said nothing else: ten times what all strangers together get. */
export const FRIEND_TOKENS_PER_DAY = 200_000;
export const MAX_FRIEND_TOKENS_PER_DAY = 1_000_000_000;

const tokensSchema = z.int().min(0).max(MAX_FRIEND_TOKENS_PER_DAY);
const addressesSchema = z.array(z.string().max(512)).max(8);
const labelSchema = z.string().max(80);
const hashSchema = z.string().regex(/^[0-9a-f]{64}$/);

const friendSchema = z.object({
  pubkey: pubkeySchema,
  circle: z.enum(CIRCLES),
  label: labelSchema,
  addresses: addressesSchema,
  sinceMs: epochMsSchema,
  /** null: until it is ended */
  untilMs: epochMsSchema.nullable(),
  /** what it may have a day beyond its own credit; of no meaning for a device */
  tokensPerDay: tokensSchema,
  /** its address was put into peers.json because of this, and goes with it */
  isPeerOfOurs: z.boolean(),
});

/** The maker's side of an invite. */
const inviteSchema = z.object({
  inviteId: inviteIdSchema,
  circle: z.enum(CIRCLES),
  secretHash: hashSchema,
  createdAtMs: epochMsSchema,
  expiresAtMs: epochMsSchema,
  tokensPerDay: tokensSchema,
  friendUntilMs: epochMsSchema.nullable(),
  /** 'open' until the first has redeemed it, 'asked' until its maker has decided */
  state: z.enum(['open', 'asked', 'accepted', 'refused']),
  by: z
    .object({ pubkey: pubkeySchema, label: labelSchema, addresses: addressesSchema, atMs: epochMsSchema })
    .optional(),
});

/** The other side: we redeemed an invite and wait for its maker. */
const askedSchema = z.object({
  inviteId: inviteIdSchema,
  circle: z.enum(CIRCLES),
  inviterPubkey: pubkeySchema,
  label: labelSchema,
  addresses: addressesSchema,
  secretHash: hashSchema,
  atMs: epochMsSchema,
  expiresAtMs: epochMsSchema,
  tokensPerDay: tokensSchema,
  /** what was said of this machine; only the first time counts */
  ownAddresses: addressesSchema,
  ownLabel: labelSchema,
});

const fileSchema = z.object({
  version: z.literal(1),
  friends: z.array(friendSchema),
  invites: z.array(inviteSchema),
  asked: z.array(askedSchema),
});

export type Friend = z.infer<typeof friendSchema>;
export type OpenInvite = z.infer<typeof inviteSchema>;
export type AskedInvite = z.infer<typeof askedSchema>;
export type FriendsFile = z.infer<typeof fileSchema>;

/**
 * No secret is in it, only hashes.
 * @throws GridError friends_unreadable; the file is never touched
 */
export function readFriendsFile(file: string): FriendsFile {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { version: 1, friends: [], invites: [], asked: [] };
    throw new GridError('friends_unreadable', 'friends.json cannot be read.', { cause: error });
  }
  try {
    return fileSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GridError('friends_unreadable', undefined, { cause });
  }
}

export function friendsFileText(content: FriendsFile): string {
  return `${JSON.stringify(content, null, 2)}\n`;
}
