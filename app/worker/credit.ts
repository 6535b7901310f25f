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
}

export type CreditDecision =
  | { readonly admit: true; readonly holdTabMicro: number; readonly holdGiftMicro: number }
  | { readonly admit: false; readonly code: 'insufficient_credit' | 'gift_spent'; readonly availableMicro: number };

/**
 * v1's rule, per proven key: whoever has any credit left is served, and may overdraw it by one request at most, because
 * running requests hold what they may cost. Whoever has none draws on the gift budget, which is one for all strangers and
 * all unsigned requests together: a thousand fresh keys get no more than one.
 */
export function decideCredit(asker: Asker, facts: CreditFacts): CreditDecision {
  if (asker.kind === 'own') return { admit: true, holdTabMicro: 0, holdGiftMicro: 0 };
  const credit = asker.kind === 'key' ? Math.max(0, -facts.tabMicro) - facts.heldMicro : 0;
  if (credit > 0) return { admit: true, holdTabMicro: Math.min(credit, facts.costMicro), holdGiftMicro: 0 };
  const gift = facts.giftLimitMicro - facts.giftUsedMicro - facts.giftHeldMicro;
  if (gift > 0) return { admit: true, holdTabMicro: 0, holdGiftMicro: Math.min(gift, facts.costMicro) };
  const spent = asker.kind === 'key' && facts.tabMicro !== 0;
  return { admit: false, code: spent ? 'insufficient_credit' : 'gift_spent', availableMicro: 0 };
}

/** What running requests have reserved, so that two at once cannot spend the same credit. */
export class Holds {
  private readonly byKey = new Map<string, number>();
  giftMicro = 0;

  heldMicro(key: string): number {
    return this.byKey.get(key) ?? 0;
  }

  /** @returns gives the hold back; safe to call twice */
  take(key: string, tabMicro: number, giftMicro: number): () => void {
    this.add(key, tabMicro);
    this.giftMicro += giftMicro;
    let released = false;
    return () => {
      if (released) return;
      released = true;
      this.add(key, -tabMicro);
      this.giftMicro -= giftMicro;
    };
  }

  private add(key: string, micro: number): void {
    const held = this.heldMicro(key) + micro;
    if (held === 0) this.byKey.delete(key);
    else this.byKey.set(key, held);
  }
}
