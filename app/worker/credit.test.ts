import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { VerifiedOrder } from '../protocol/order.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { Asker } from './asker.ts';
import { decideCredit, Holds, type CreditFacts } from './credit.ts';

const pubkey = `lob1${'a'.repeat(64)}` as Pubkey;
const key: Asker = { kind: 'key', pubkey, order: {} as VerifiedOrder };
const own: Asker = { kind: 'own', pubkey, order: {} as VerifiedOrder };
const unsigned: Asker = { kind: 'unsigned', claimed: pubkey };
const facts = { tabMicro: 0, heldMicro: 0, giftLimitMicro: 100, giftUsedMicro: 0, giftHeldMicro: 0, costMicro: 30 };

describe('decideCredit', () => {
  it.each<[string, Asker, Partial<typeof facts>, object]>([
    [
      'the owner always, and nothing is held',
      own,
      { giftLimitMicro: 0, tabMicro: 9 },
      { admit: true, holdTabMicro: 0 },
    ],
    ['own credit first', key, { tabMicro: -50 }, { admit: true, holdTabMicro: 30, holdGiftMicro: 0 }],
    ['the last credit is held whole', key, { tabMicro: -20 }, { admit: true, holdTabMicro: 20, holdGiftMicro: 0 }],
    ['credit that is held counts no more', key, { tabMicro: -20, heldMicro: 20 }, { admit: true, holdGiftMicro: 30 }],
    ['a stranger draws on the gift', key, {}, { admit: true, holdTabMicro: 0, holdGiftMicro: 30 }],
    ['so does an unsigned request', unsigned, {}, { admit: true, holdGiftMicro: 30 }],
    [
      'an unsigned request never on the tab of the key it claims',
      unsigned,
      { tabMicro: -50, giftLimitMicro: 0 },
      { admit: false },
    ],
    ['the gift used up', key, { giftUsedMicro: 100 }, { admit: false, code: 'gift_spent' }],
    ['the gift held by others', key, { giftHeldMicro: 100 }, { admit: false, code: 'gift_spent' }],
    ['a debtor without gift', key, { tabMicro: 5, giftUsedMicro: 100 }, { admit: false, code: 'insufficient_credit' }],
  ])('%s', (_name, asker, changes, decision) => {
    expect(decideCredit(asker, { ...facts, ...changes })).toMatchObject(decision);
  });

  const friend = { circle: 'friend' as const, limitMicro: 50, servedTodayMicro: 0, heldMicro: 0 };
  it.each<[string, Asker, Partial<CreditFacts>, object]>([
    ['a friend draws on its own limit, not on the gift', key, {}, { holdFriendMicro: 30, holdGiftMicro: 0 }],
    ['its own credit comes first', key, { tabMicro: -40 }, { holdTabMicro: 30, holdFriendMicro: 0 }],
    ['a friend is served where nothing is given', key, { giftLimitMicro: 0 }, { admit: true, holdFriendMicro: 30 }],
    [
      'what its credit paid for today is no part of its limit',
      key,
      { tabMicro: 10, friend: { ...friend, servedTodayMicro: 400 } },
      { admit: true, holdFriendMicro: 30 },
    ],
    [
      'old debt is no part of today',
      key,
      { tabMicro: 900, friend: { ...friend, servedTodayMicro: 5 } },
      { admit: true, holdFriendMicro: 30 },
    ],
    [
      'the limit used up, with the gift untouched',
      key,
      { tabMicro: 50, friend: { ...friend, servedTodayMicro: 50 } },
      { admit: false, code: 'friend_limit_spent' },
    ],
    [
      'the limit held by its own requests',
      key,
      { friend: { ...friend, heldMicro: 50 } },
      { admit: false, code: 'friend_limit_spent' },
    ],
    ['a claimed key is no friend', unsigned, { giftLimitMicro: 0 }, { admit: false, code: 'gift_spent' }],
    [
      'an own device for nothing, without any hold',
      key,
      { giftLimitMicro: 0, costMicro: 0, friend: { circle: 'device' } },
      { admit: true, holdTabMicro: 0, holdGiftMicro: 0, holdFriendMicro: 0 },
    ],
    [
      'a device that pays is asked like anybody: the other side does not know it as one',
      key,
      { giftLimitMicro: 0, friend: { circle: 'device' } },
      { admit: false, code: 'gift_spent' },
    ],
  ])('%s', (_name, asker, changes, decision) => {
    expect(decideCredit(asker, { ...facts, friend, ...changes })).toMatchObject(decision);
  });

  it('however much a friend asks for at once, it holds no more than its limit', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 50 }), fc.nat(5000), (costs, limitMicro) => {
        const holds = new Holds();
        for (const costMicro of costs) {
          const facing = { ...friend, limitMicro, heldMicro: holds.friendMicro('f') };
          const decision = decideCredit(key, { ...facts, costMicro, friend: facing });
          if (decision.admit) holds.take('f', 0, 0, decision.holdFriendMicro);
        }
        expect(holds.friendMicro('f')).toBeLessThanOrEqual(limitMicro);
      }),
    );
  });

  it('however many fresh keys ask at once, they hold no more than the gift', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { maxLength: 50 }), fc.nat(5000), (costs, giftLimitMicro) => {
        const holds = new Holds();
        costs.forEach((costMicro, index) => {
          const decision = decideCredit(key, { ...facts, giftLimitMicro, giftHeldMicro: holds.giftMicro, costMicro });
          if (decision.admit) holds.take(`key ${index}`, decision.holdTabMicro, decision.holdGiftMicro);
        });
        expect(holds.giftMicro).toBeLessThanOrEqual(giftLimitMicro);
      }),
    );
  });
});

describe('Holds', () => {
  it('gives back once', () => {
    const holds = new Holds();
    const first = holds.take('a', 5, 3);
    const second = holds.take('a', 7, 0);
    first();
    first();
    expect([holds.heldMicro('a'), holds.giftMicro]).toEqual([7, 0]);
    second();
    expect(holds.heldMicro('a')).toBe(0);
  });
});
