import { ANNOUNCE_SKEW_MS, ANNOUNCE_TTL_SECONDS, type SignedAnnouncement } from '../../protocol/announcement.ts';
import type { SignedReceipt } from '../../protocol/receipt.ts';
import { isRefused, judgeAnnounced, type Refused } from '../judge-announced.ts';
import type { FoundPeer } from '../sources/peer-source.ts';
import { signNostrEvent, tagOf, type NostrEvent, type VerifiedNostrEvent } from './nostr-event.ts';

/** v1. Addressable (NIP-01): of each author and `d`, a relay keeps the newest only. */
export const ANNOUNCEMENT_KIND = 31_474;
/** v1. */
export const RECEIPT_KIND = 1_474;
/** NIP-09. */
export const DELETION_KIND = 5;

const D_TAG = 'lobstah-peer';
export const T_TAG = 'lobstah';
const RECEIPT_T_TAG = 'lobstah-receipt';

interface Author {
  readonly secretKey: Uint8Array;
  readonly createdAtSeconds: number;
}

const addressOf = (author: string): string => `${ANNOUNCEMENT_KIND}:${author}:${D_TAG}`;

/** v1's form; the expiration (NIP-40) is ours, and lets relays forget whoever could not say goodbye. */
export function announcementEvent(signed: SignedAnnouncement, author: Author): NostrEvent {
  return signNostrEvent(
    {
      kind: ANNOUNCEMENT_KIND,
      tags: [
        ['d', D_TAG],
        ['t', T_TAG],
        ['lobstah_pubkey', signed.announcement.pubkey],
        ['expiration', String(author.createdAtSeconds + ANNOUNCE_TTL_SECONDS)],
      ],
      content: JSON.stringify({ announcement: signed.announcement, signature: signed.signature }),
      createdAtSeconds: author.createdAtSeconds,
    },
    author.secretKey,
  );
}

/** By id, as v1 does it, and by address, so that older versions go as well; `k` lets readers ask for such goodbyes. */
export function deletionEvent(announced: NostrEvent, author: Author): NostrEvent {
  return signNostrEvent(
    {
      kind: DELETION_KIND,
      tags: [
        ['e', announced.id],
        ['a', addressOf(announced.pubkey)],
        ['k', String(ANNOUNCEMENT_KIND)],
      ],
      content: 'lobstah unannounce',
      createdAtSeconds: author.createdAtSeconds,
    },
    author.secretKey,
  );
}

/** v1's form. Public for ever: who asked whom, for what model, how much and when. */
export function receiptEvent({ receipt, signature }: SignedReceipt, author: Author): NostrEvent {
  return signNostrEvent(
    {
      kind: RECEIPT_KIND,
      tags: [
        ['t', RECEIPT_T_TAG],
        ['worker_pubkey', receipt.workerPubkey],
        ['requester_pubkey', receipt.requesterPubkey],
        ['nonce', receipt.nonce],
      ],
      content: JSON.stringify({ receipt, signature }),
      createdAtSeconds: author.createdAtSeconds,
    },
    author.secretKey,
  );
}

/**
 * Both signatures count: the author's over the event, and that of the Lobstah key over what it says. The tag and the time tie
 * them together, so that an old announcement cannot be dressed up as a new event.
 */
export function judgeAnnouncementEvent(
  event: VerifiedNostrEvent,
  here: Parameters<typeof judgeAnnounced>[1],
): FoundPeer | Refused {
  if (event.kind !== ANNOUNCEMENT_KIND || tagOf(event, 'd') !== D_TAG || tagOf(event, 't') !== T_TAG)
    return { pubkey: undefined, reason: 'not an announcement of a peer' };
  const named = tagOf(event, 'lobstah_pubkey');
  let content: unknown;
  try {
    content = JSON.parse(event.content);
  } catch {
    return { pubkey: named, reason: 'not a signed announcement' };
  }
  const judged = judgeAnnounced(content, here);
  if (isRefused(judged)) return judged;
  if (judged.pubkey !== named) return { pubkey: named, reason: 'the event names another key than the announcement' };
  if (Math.abs(event.created_at * 1000 - judged.announcedAtMs) > ANNOUNCE_SKEW_MS)
    return { pubkey: named, reason: 'the event and the announcement are of different times' };
  return judged;
}

/** Does this goodbye mean that announcement? Authors can take back their own events only. */
export function isGoodbyeTo(
  deletion: VerifiedNostrEvent,
  announced: { author: string; eventId: string; createdAtSeconds: number },
): boolean {
  return (
    deletion.kind === DELETION_KIND &&
    deletion.pubkey === announced.author &&
    deletion.tags.some(
      ([name, value]) =>
        (name === 'e' && value === announced.eventId) ||
        (name === 'a' && value === addressOf(announced.author) && deletion.created_at >= announced.createdAtSeconds),
    )
  );
}
