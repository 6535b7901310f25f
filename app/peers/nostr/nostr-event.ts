import { finalizeEvent, verifyEvent } from 'nostr-tools/pure';
import { z } from 'zod';

const hex64 = z.string().regex(/^[0-9a-f]{64}$/);

/** NIP-01, with limits: nothing of ours is longer, and relays pass on what strangers wrote. */
const eventSchema = z.object({
  id: hex64,
  pubkey: hex64,
  /** seconds since 1970 */
  created_at: z.int().min(0).max(0xffff_ffff),
  kind: z.int().min(0).max(65_535),
  tags: z.array(z.array(z.string().max(1024)).max(16)).max(64),
  content: z.string().max(64 * 1024),
  sig: z.string().regex(/^[0-9a-f]{128}$/),
});
export type NostrEvent = z.infer<typeof eventSchema>;

/** Only `verifyNostrEvent` makes one: its id is the hash of what is in it, signed by its author. */
export type VerifiedNostrEvent = NostrEvent & { readonly __verified: 'nostr-event' };

/** @returns a fresh object with the seven members and nothing else; undefined for anything that is no event */
export function parseNostrEvent(input: unknown): NostrEvent | undefined {
  const parsed = eventSchema.safeParse(input);
  return parsed.success ? parsed.data : undefined;
}

/**
 * nostr-tools notes on the object, under a symbol, that it was verified, and believes that note later: a spread copies it onto
 * whatever was changed. So what is verified here is always a fresh copy that carries no note, and what is given back neither.
 */
export function verifyNostrEvent(input: unknown): VerifiedNostrEvent | undefined {
  const parsed = parseNostrEvent(input);
  if (!parsed || !verifyEvent({ ...parsed })) return undefined;
  return parsed as VerifiedNostrEvent;
}

export function signNostrEvent(
  fields: { kind: number; tags: string[][]; content: string; createdAtSeconds: number },
  secretKey: Uint8Array,
): NostrEvent {
  const { createdAtSeconds, ...rest } = fields;
  const { id, pubkey, created_at, kind, tags, content, sig } = finalizeEvent(
    { ...rest, created_at: createdAtSeconds },
    secretKey,
  );
  return { id, pubkey, created_at, kind, tags, content, sig };
}

/** @returns the values of the first tag of this name */
export function tagOf({ tags }: NostrEvent, name: string): string | undefined {
  return tags.find(([first]) => first === name)?.[1];
}
