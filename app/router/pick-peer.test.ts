import { describe, expect, it } from 'vitest';
import type { KnownPeer } from '../peers/roster.ts';
import { UNKNOWN_HEALTH, type Health } from '../peers/health.ts';
import type { Peer } from '../peers/peer.ts';
import type { Capacity } from '../protocol/capacity.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { pickPeers, type Need } from './pick-peer.ts';

const NOW = 1_000_000;
const need: Need = { model: 'm', inputTokens: 10, tools: false, vision: false, lossOnV1: [], maxPrice: V1_PRICE };

function peer(
  name: string,
  changes: { capacity?: Partial<Capacity> | null; health?: Partial<Health>; source?: Peer['source'] } = {},
): KnownPeer {
  const pubkey = name as Pubkey;
  const capacity: Capacity = { pubkey, models: ['m'], tier: 'interactive', concurrency: 1, queueDepth: 0, order: 1 };
  return {
    peer: { pubkey, url: 'http://x', label: undefined, blocked: false, source: changes.source ?? 'static' },
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
      'one that can use tools first, when there are tools',
      [
        peer('a', { capacity: { offers: offer({}) } }),
        peer('b', { capacity: { offers: offer({ capabilities: ['tools'] }) } }),
      ],
      { tools: true },
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
