import type { Pubkey } from '../../protocol/pubkey.ts';

/** Where peers are heard of beside the owner's own list. A new place is a name here, a word in the contract, and a PeerSource. */
export type FoundSourceName = 'tracker' | 'nostr' | 'lan';

/** What somebody proved about itself: its own signature, never a stranger's word. */
export interface FoundPeer {
  readonly pubkey: Pubkey;
  /** http(s)://host:port, without a trailing slash; passed `announcedUrlProblem` */
  readonly url: string;
  readonly label: string | undefined;
  readonly models: readonly string[];
  readonly announcedAtMs: number;
  readonly ttlSeconds: number;
  /** forgotten then, unless it was heard of again */
  readonly keptUntilMs: number;
}

/** One place, from `connect` until its end. */
export interface PeerSource {
  readonly name: FoundSourceName;
  /** who is there; what is over has been left out */
  list(): readonly FoundPeer[];
  /** differs whenever the list does */
  readonly revision: number;
}

/** A list that does not tell every neighbour who is asked how it is: more strangers than this are not kept from one place. */
export const MAX_STRANGERS = 128;
