import { finalizeEvent, getPublicKey, verifyEvent, type NostrEvent } from 'nostr-tools/pure';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import { verifySignature, type Signer } from '../../app/protocol/ed25519.ts';
import { v1Announcement } from './v1-announcer.ts';

/** The event of a v1 worker, put together by hand from the facts in docs/protocol.md. */
export function v1AnnouncementEvent(
  signer: Signer,
  nostrSecretKey: Uint8Array,
  changes: Record<string, unknown> = {},
  createdAtSeconds = Math.floor(Date.now() / 1000),
): NostrEvent {
  const event = finalizeEvent(
    {
      kind: 31_474,
      created_at: createdAtSeconds,
      tags: [
        ['d', 'lobstah-peer'],
        ['t', 'lobstah'],
        ['lobstah_pubkey', signer.pubkey],
      ],
      content: JSON.stringify(v1Announcement(signer, changes)),
    },
    nostrSecretKey,
  );
  return JSON.parse(JSON.stringify(event)) as NostrEvent;
}

/** v1 names the event only. */
export function v1DeletionEvent(eventId: string, nostrSecretKey: Uint8Array): NostrEvent {
  const event = finalizeEvent(
    {
      kind: 5,
      created_at: Math.floor(Date.now() / 1000),
      tags: [['e', eventId]],
      content: 'lobstah unannounce',
    },
    nostrSecretKey,
  );
  return JSON.parse(JSON.stringify(event)) as NostrEvent;
}

export const nostrPubkeyOf = (secretKey: Uint8Array): string => getPublicKey(secretKey);

/** Reads events as v1 does: by kind and tag, both signatures, ttl; members it does not know are not looked at. */
export function readEventsAsV1(events: readonly NostrEvent[]) {
  const nowMs = Date.now();
  return events
    .filter(({ kind, tags }) => kind === 31_474 && tags.some(([name, value]) => name === 't' && value === 'lobstah'))
    .filter((event) => verifyEvent(JSON.parse(JSON.stringify(event)) as NostrEvent))
    .map(({ content }) => JSON.parse(content) as ReturnType<typeof v1Announcement>)
    .filter(
      ({ announcement, signature }) =>
        verifySignature(canonicalJson(announcement), signature, announcement.pubkey) &&
        nowMs - announcement.announcedAt <= announcement.ttlSeconds * 1000 &&
        announcement.announcedAt - nowMs <= 300_000,
    );
}
