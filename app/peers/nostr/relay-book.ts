import type { AddressPolicy } from '../../http/public-address.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import { isRefused, type Refused } from '../judge-announced.ts';
import type { FoundPeer } from '../sources/peer-source.ts';
import { ANNOUNCEMENT_KIND, DELETION_KIND, isGoodbyeTo, judgeAnnouncementEvent } from './lobstah-events.ts';
import type { NostrEvent, VerifiedNostrEvent } from './nostr-event.ts';

/** Of one relay. Anybody may write to a relay: beyond these, newcomers wait until somebody has gone. */
const MAX_AUTHORS = 256;
const MAX_GONE = 1024;

interface Heard {
  readonly eventId: string;
  readonly createdAtSeconds: number;
  readonly peer: FoundPeer;
}

/** What one relay says about who is there. Each author has one announcement, the newest; a goodbye ends it. */
export interface RelayBook {
  /** Could it change anything? Asked before the signature, which costs a millisecond, is looked at. */
  wants(event: NostrEvent): boolean;
  take(event: VerifiedNostrEvent): 'changed' | 'unchanged' | Refused;
  /** The relay begins to tell all it has. */
  beginStored(): void;
  /** That was all: who was not named has gone. @returns whether anybody has */
  endStored(): boolean;
  peers(): readonly FoundPeer[];
}

export function createRelayBook(deps: {
  policy: () => AddressPolicy;
  ownPubkey: Pubkey;
  nowMs: () => number;
  maxAuthors?: number;
}): RelayBook {
  const maxAuthors = deps.maxAuthors ?? MAX_AUTHORS;
  const heard = new Map<string, Heard>();
  /** authors that said goodbye, and up to when what they had said is void */
  const gone = new Map<string, number>();
  let stored: Set<string> | undefined;

  function isNews({ pubkey, id, created_at }: NostrEvent): boolean {
    if (created_at <= (gone.get(pubkey) ?? -1)) return false;
    const known = heard.get(pubkey);
    if (!known || created_at > known.createdAtSeconds) return true;
    // NIP-01: of two in one second, the lower id is the one that stays.
    return created_at === known.createdAtSeconds && id < known.eventId;
  }

  function takeAnnouncement(event: VerifiedNostrEvent): 'changed' | 'unchanged' | Refused {
    if (!isNews(event)) return 'unchanged';
    const nowMs = deps.nowMs();
    const peer = judgeAnnouncementEvent(event, { nowMs, policy: deps.policy(), ownPubkey: deps.ownPubkey });
    if (isRefused(peer)) return peer;
    if (!heard.has(event.pubkey) && heard.size >= maxAuthors) {
      for (const [author, { peer: old }] of heard) if (old.keptUntilMs <= nowMs) heard.delete(author);
      if (heard.size >= maxAuthors) return { pubkey: peer.pubkey, reason: 'more peers than are kept of one relay' };
    }
    heard.set(event.pubkey, { eventId: event.id, createdAtSeconds: event.created_at, peer });
    return 'changed';
  }

  function takeDeletion(event: VerifiedNostrEvent): 'changed' | 'unchanged' {
    const known = heard.get(event.pubkey);
    if (!known || !isGoodbyeTo(event, { author: event.pubkey, ...known })) return 'unchanged';
    heard.delete(event.pubkey);
    if (gone.size >= MAX_GONE) gone.delete([...gone.keys()][0] ?? '');
    gone.set(event.pubkey, known.createdAtSeconds);
    return 'changed';
  }

  return {
    wants(event) {
      if (event.kind === DELETION_KIND) return heard.has(event.pubkey);
      if (event.kind !== ANNOUNCEMENT_KIND) return false;
      if (heard.get(event.pubkey)?.eventId === event.id) stored?.add(event.pubkey);
      return isNews(event);
    },
    take(event) {
      if (event.kind === DELETION_KIND) return takeDeletion(event);
      const taken = takeAnnouncement(event);
      if (taken === 'changed') stored?.add(event.pubkey);
      return taken;
    },
    beginStored: () => (stored = new Set()),
    endStored() {
      const named = stored;
      stored = undefined;
      const leavers = named ? [...heard.keys()].filter((author) => !named.has(author)) : [];
      for (const author of leavers) heard.delete(author);
      return leavers.length > 0;
    },
    peers() {
      const newest = new Map<Pubkey, FoundPeer>();
      for (const { peer } of heard.values())
        if ((newest.get(peer.pubkey)?.announcedAtMs ?? -1) < peer.announcedAtMs) newest.set(peer.pubkey, peer);
      return [...newest.values()];
    },
  };
}
