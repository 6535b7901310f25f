import { describe, expect, it } from 'vitest';
import type { KnownPeer } from '../peers/roster.ts';
import { UNKNOWN_HEALTH, type Health } from '../peers/health.ts';
import type { Peer } from '../peers/peer.ts';
import type { Capacity } from '../protocol/capacity.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { pickPeers, type Need } from './pick-peer.ts';

const NOW = 1_000_000;
const need: Need = {
  model: 'm',
  kind: 'chat',
  inputTokens: 10,
  tools: false,
  vision: false,
  lossOnV1: [],
  maxPrice: V1_PRICE,
  inFlight: () => 0,
};

function peer(
  name: string,
  changes: {
    capacity?: Partial<Capacity> | null;
    health?: Partial<Health>;
    source?: Peer['source'];
    circle?: Peer['circle'];
  } = {},
): KnownPeer {
  const pubkey = name as Pubkey;
  const capacity: Capacity = { pubkey, models: ['m'], tier: 'interactive', concurrency: 1, queueDepth: 0, order: 1 };
  return {
    peer: {
      pubkey,
      url: 'http://x',
      label: undefined,
      blocked: false,
      source: changes.source ?? 'static',
      circle: changes.circle,
    },
    capacity: changes.capacity === null ? undefined : { ...capacity, ...changes.capacity },
    health: { ...UNKNOWN_HEALTH, ...changes.health },
  };
}

const offer = (members: object) => [{ model: 'm', capabilities: [], loaded: true, price: V1_PRICE, ...members }];
const names = (peers: KnownPeer[], changes: Partial<Need> = {}, random = () => 0.5) =>
  pickPeers(peers, { ...need, ...changes }, NOW, random).candidates.map(({ known }) => known.peer.pubkey as string);

describe('pickPeers orders', () => {
  it.each<[string, KnownPeer[], Partial<Need>, string[]]>([
    [
      'the own machine before everybody',
      [peer('a'), peer('own', { source: 'own', capacity: { tier: 'best-effort' } })],
      {},
      ['own', 'a'],
    ],
    [
      'whom the owner added before strangers, whatever their tier',
      [peer('found', { source: 'tracker' }), peer('added', { capacity: { tier: 'best-effort' } })],
      {},
      ['added', 'found'],
    ],
    [
      'own machine, own devices, friends, added by hand, found, whatever their tier',
      [
        peer('found', { source: 'tracker' }),
        peer('added'),
        peer('friend', { circle: 'friend', capacity: { tier: 'batch' } }),
        peer('device', { circle: 'device', capacity: { tier: 'best-effort', queueDepth: 9 } }),
        peer('own', { source: 'own' }),
      ],
      {},
      ['own', 'device', 'friend', 'added', 'found'],
    ],
    [
      'for lobstah/friends a friend that was also found, and nobody else',
      [
        peer('own', { source: 'own' }),
        peer('added'),
        peer('friend', { circle: 'friend', source: 'tracker' }),
        peer('device', { circle: 'device' }),
      ],
      { model: 'lobstah/friends' },
      ['device', 'friend'],
    ],
    [
      'a better tier first, even when it is busier',
      [peer('a', { capacity: { tier: 'batch' } }), peer('b', { capacity: { queueDepth: 3 } })],
      {},
      ['b', 'a'],
    ],
    ['a free place before a queue', [peer('a', { capacity: { queueDepth: 2 } }), peer('b')], {}, ['b', 'a']],
    [
      'a near one before a far one',
      [peer('a', { health: { latencyMs: 200 } }), peer('b', { health: { latencyMs: 3 } })],
      {},
      ['b', 'a'],
    ],
    ['one that failed last', [peer('a', { health: { failures: 1 } }), peer('b')], {}, ['b', 'a']],
    [
      'one whose model is loaded first',
      [peer('a', { capacity: { offers: offer({ loaded: false }) } }), peer('b', { capacity: { offers: offer({}) } })],
      {},
      ['b', 'a'],
    ],
    [
      'one that answered this conversation before, even when it is further away',
      [peer('a', { health: { latencyMs: 3 } }), peer('b', { health: { latencyMs: 200 } })],
      { warmPeer: 'b' as Pubkey },
      ['b', 'a'],
    ],
    [
      'a free one before the one that answered before and is full',
      [peer('a'), peer('b', { capacity: { queueDepth: 1 } })],
      { warmPeer: 'b' as Pubkey },
      ['a', 'b'],
    ],
    [
      'by what this router itself has sent, before the peer has told',
      [peer('a'), peer('b')],
      { inFlight: (pubkey) => (pubkey === 'a' ? 1 : 0) },
      ['b', 'a'],
    ],
  ])('%s', (_name, peers, changes, expected) => {
    expect(names(peers, changes)).toEqual(expected);
  });

  it('equals by chance', () => {
    const draws = [0.9, 0.1];
    expect(names([peer('a'), peer('b')], {}, () => draws.shift() ?? 0)).toEqual(['b', 'a']);
  });
});

it('sends two of three requests to the better half, and some to everybody (two choices)', () => {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const peers = ['a', 'b', 'c', 'd'].map((name, index) => peer(name, { health: { latencyMs: 10 + index } }));
  const firsts = Array.from({ length: 6_000 }, () => names(peers, {}, random)[0]);
  const share = (name: string) => firsts.filter((first) => first === name).length / firsts.length;
  // of two drawn out of four the better one: 3/6, 2/6, 1/6, never the worst
  expect([share('a'), share('b'), share('c'), share('d')].map((value) => Math.round(value * 6))).toEqual([3, 2, 1, 0]);
});

describe('pickPeers leaves out, and says why', () => {
  it.each<[string, KnownPeer, Partial<Need>, RegExp]>([
    ['without the model', peer('a', { capacity: { models: ['other'] } }), {}, /does not have m/],
    [
      'that did not answer',
      peer('a', { capacity: null, health: { problem: 'Nothing listens.' } }),
      {},
      /Nothing listens/,
    ],
    ['that rests', peer('a', { health: { restUntilMs: NOW + 1, problem: 'x' } }), {}, /rests/],
    ['that is paused', peer('a', { capacity: { sharing: 'paused' } }), {}, /not sharing/],
    [
      'of v1 that would lose something',
      peer('a', { capacity: { order: 0 as never } }),
      { lossOnV1: ['tools'] },
      /would lose tools/,
    ],
    [
      'with too small a context',
      peer('a', { capacity: { offers: offer({ contextLength: 5 }) } }),
      {},
      /takes 5 tokens/,
    ],
    ['whose model has no tools', peer('a', { capacity: { offers: offer({}) } }), { tools: true }, /cannot use tools/],
    ['whose model has no eyes', peer('a', { capacity: { offers: offer({}) } }), { vision: true }, /cannot see/],
    [
      'that only makes embeddings',
      peer('a', { capacity: { offers: offer({ capabilities: ['embedding'] }) } }),
      {},
      /only embeddings/,
    ],
    [
      'that chats, for embeddings',
      peer('a', { capacity: { offers: offer({}) } }),
      { kind: 'embedding' },
      /makes no embeddings with m/,
    ],
    ['of which nothing is known, for embeddings', peer('a'), { kind: 'embedding' }, /makes no embeddings/],
    ['that is not this machine', peer('a'), { model: 'lobstah/local' }, /not this machine/],
    [
      'that asks too much',
      peer('a', { capacity: { offers: offer({ price: { input: 1_000_001, output: 0 } }) } }),
      {},
      /more than you pay/,
    ],
  ])('one %s', (_name, known, changes, reason) => {
    const pick = pickPeers([known], { ...need, ...changes }, NOW, () => 0);
    expect(pick.candidates).toEqual([]);
    expect(pick.leftOut[0]?.reason).toMatch(reason);
  });
});

it('takes a model without its tag for its latest, and auto for whatever is loaded', () => {
  const tagged = peer('a', { capacity: { models: ['n', 'm:latest'], offers: offer({ model: 'm:latest' }) } });
  expect(pickPeers([tagged], need, NOW, () => 0).candidates[0]?.model).toBe('m:latest');
  expect(pickPeers([tagged], { ...need, model: 'lobstah/auto' }, NOW, () => 0).candidates[0]?.model).toBe('m:latest');
});

it('auto is a model that can do what is asked, the loaded one only when it can', () => {
  const offers = [...offer({ model: 'small' }), ...offer({ model: 'big', capabilities: ['tools'], loaded: false })];
  const own = peer('own', { source: 'own', capacity: { models: ['small', 'big'], offers } });
  const auto = (tools: boolean) =>
    pickPeers([own], { ...need, model: 'lobstah/auto', tools }, NOW, () => 0).candidates[0]?.model;
  expect([auto(false), auto(true)]).toEqual(['small', 'big']);
});

it('orders from an own device for nothing, whatever it asks', () => {
  const pricey = offer({ price: { input: 5, output: 5 } });
  const { candidates } = pickPeers([peer('d', { circle: 'device', capacity: { offers: pricey } })], need, NOW, () => 0);
  expect(candidates).toMatchObject([{ price: { input: 0, output: 0 } }]);
});

it('keeps the own machine for when nobody else can, but only for what it lacks, not for what it is', () => {
  const own = (members: object, capacity: Partial<Capacity> = {}) =>
    peer('own', { source: 'own', capacity: { ...capacity, offers: offer(members) } });
  const pick = (known: KnownPeer, changes: Partial<Need>) => pickPeers([known], { ...need, ...changes }, NOW, () => 0);
  const small = pick(own({ contextLength: 5 }), { tools: true });
  expect([small.candidates, small.ownAnyway?.model]).toEqual([[], 'm']);
  expect(pick(own({}), { vision: true }).ownAnyway?.model).toBe('m');
  expect(pick(own({ capabilities: ['embedding'] }), {}).ownAnyway).toBeUndefined();
  expect(pick(own({}, { sharing: 'paused' }), { tools: true }).ownAnyway).toBeUndefined();
  expect(pick(peer('a', { capacity: { offers: offer({}) } }), { tools: true }).ownAnyway).toBeUndefined();
});

it('an embedding is made by a model for it, also under auto', () => {
  const offers = [...offer({}), ...offer({ model: 'e', capabilities: ['embedding'], loaded: false })];
  const own = peer('own', { source: 'own', capacity: { models: ['m', 'e'], offers } });
  const auto = (kind: Need['kind']) =>
    pickPeers([own], { ...need, model: 'lobstah/auto', kind }, NOW, () => 0).candidates[0]?.model;
  expect([auto('chat'), auto('embedding')]).toEqual(['m', 'e']);
});
