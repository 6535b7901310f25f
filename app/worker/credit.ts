import type { Asker } from './asker.ts';

/** Amounts in micro-credits. */
export interface CreditFacts {
  /** what this key owes us; negative when we owe it, which is its credit */
  readonly tabMicro: number;
  /** reserved by requests of the same key that still run */
  readonly heldMicro: number;
  readonly giftLimitMicro: number;
  readonly giftUsedMicro: number;
  /** reserved out of the gift budget by requests that still run */
  readonly giftHeldMicro: number;
  /** what this request may cost at most */
  readonly costMicro: number;
  /** undefined for strangers */
  readonly friend?: FriendFacts | undefined;
}

export type FriendFacts =
  | { readonly circle: 'device' }
  | {
      readonly circle: 'friend';
      /** what it may have a day beyond its own credit */
      readonly limitMicro: number;
      /** what it was served today, whoever's credit paid for it */
      readonly servedTodayMicro: number;
      /** reserved out of its limit by requests that still run */
      readonly heldMicro: number;
    };

export type CreditDecision =
  | {
      readonly admit: true;
      readonly holdTabMicro: number;
      readonly holdGiftMicro: number;
      readonly holdFriendMicro: number;
    }
  | {
      readonly admit: false;
      readonly code: 'insufficient_credit' | 'gift_spent' | 'friend_limit_spent';
      readonly availableMicro: number;
    };

const NOTHING_HELD = { admit: true, holdTabMicro: 0, holdGiftMicro: 0, holdFriendMicro: 0 } as const;

/**
 * v1's rule, per proven key: whoever has any credit left is served, and may overdraw it by one request at most, because
 * running requests hold what they may cost. A friend without credit draws on its own limit, which is one for each friend and
 * day. Whoever else has none draws on the gift budget, which is one for all strangers and all unsigned requests together: a
 * thousand fresh keys get no more than one. Own devices are never asked about: they pay nothing and owe nothing.
 */
export function decideCredit(asker: Asker, facts: CreditFacts): CreditDecision {
  if (asker.kind === 'own') return NOTHING_HELD;
  const friend = asker.kind === 'key' ? facts.friend : undefined;
  if (friend?.circle === 'device' && facts.costMicro === 0) return NOTHING_HELD;
  const credit = asker.kind === 'key' ? Math.max(0, -facts.tabMicro) - facts.heldMicro : 0;
  if (credit > 0) return { ...NOTHING_HELD, holdTabMicro: Math.min(credit, facts.costMicro) };
  if (friend?.circle === 'friend') {
    // Of what was served today, no more was beyond its credit than it owes now.
    const usedMicro = Math.min(friend.servedTodayMicro, Math.max(0, facts.tabMicro));
    const left = friend.limitMicro - usedMicro - friend.heldMicro;
    if (left > 0) return { ...NOTHING_HELD, holdFriendMicro: Math.min(left, facts.costMicro) };
    return { admit: false, code: 'friend_limit_spent', availableMicro: 0 };
  }
  const gift = facts.giftLimitMicro - facts.giftUsedMicro - facts.giftHeldMicro;
  if (gift > 0) return { ...NOTHING_HELD, holdGiftMicro: Math.min(gift, facts.costMicro) };
  const spent = asker.kind === 'key' && facts.tabMicro !== 0;
  return { admit: false, code: spent ? 'insufficient_credit' : 'gift_spent', availableMicro: 0 };
}

/** What running requests have reserved, so that two at once cannot spend the same credit. */
export class Holds {
  private readonly byKey = new Map<string, number>();
  private readonly ofFriends = new Map<string, number>();
  giftMicro = 0;

  heldMicro(key: string): number {
    return this.byKey.get(key) ?? 0;
  }

  friendMicro(key: string): number {
    return this.ofFriends.get(key) ?? 0;
  }

  /** @returns gives the hold back; safe to call twice */
  take(key: string, tabMicro: number, giftMicro: number, friendMicro = 0): () => void {
    add(this.byKey, key, tabMicro);
    add(this.ofFriends, key, friendMicro);
    this.giftMicro += giftMicro;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      add(this.byKey, key, -tabMicro);
      add(this.ofFriends, key, -friendMicro);
      this.giftMicro -= giftMicro;
    };
  }
}

function add(holds: Map<string, number>, key: string, micro: number): void {
  const held = (holds.get(key) ?? 0) + micro;
  if (held === 0) holds.delete(key);
  else holds.set(key, held);
}
