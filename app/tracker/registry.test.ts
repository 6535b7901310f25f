import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { issueUnannounce } from '../protocol/announcement.ts';
import { createBuckets } from '../http/buckets.ts';
import { createRegistry } from './registry.ts';
import { announcementOf, signerOf, T0 } from './testing/test-tracker.ts';

const LIMITS = { maxPeers: 20, maxPeersPerNetwork: 20, maxBytes: 1_000_000 };
const honest = Array.from({ length: 10 }, (_, index) => signerOf(`honest ${index}`));
const attacker = Array.from({ length: 60 }, (_, index) => signerOf(`attacker ${index}`));

describe('a full registry', () => {
  it('is not emptied of honest peers by many keys from one place', () => {
    const registry = createRegistry(LIMITS);
    for (const signer of attacker) registry.announce(announcementOf(signer), 'evil', T0);
    for (const [index, signer] of honest.entries())
      expect(registry.announce(announcementOf(signer), `home ${index}`, T0)).toBe('ok');
    for (const signer of attacker) registry.announce(announcementOf(signer, { announcedAt: T0 + 1 }), 'evil', T0);
    for (const { pubkey } of honest) expect(registry.get(pubkey)).toBeDefined();
    expect(registry.count).toBe(LIMITS.maxPeers);
  });

  it('nor by one key each from many places: who was there stays, and may go on', () => {
    const registry = createRegistry({ ...LIMITS, maxPeers: 10 });
    for (const [index, signer] of honest.entries()) registry.announce(announcementOf(signer), `home ${index}`, T0);
    for (const [index, signer] of attacker.entries())
      expect(registry.announce(announcementOf(signer), `bot ${index}`, T0)).toBe('full');
    for (const [index, signer] of honest.entries())
      expect(registry.announce(announcementOf(signer, { announcedAt: T0 + 1 }), `home ${index}`, T0)).toBe('ok');
  });

  it('one network has its share and no more', () => {
    const registry = createRegistry({ ...LIMITS, maxPeersPerNetwork: 3 });
    const results = attacker.slice(0, 5).map((signer) => registry.announce(announcementOf(signer), 'one', T0));
    expect(results).toEqual(['ok', 'ok', 'ok', 'full', 'full']);
    expect(registry.announce(announcementOf(honest[0]!), 'other', T0)).toBe('ok');
  });

  it('bytes are bounded too', () => {
    const registry = createRegistry({ ...LIMITS, maxPeers: 1000, maxPeersPerNetwork: 1000, maxBytes: 10_000 });
    const models = Array.from({ length: 20 }, (_, index) => `model ${index} ${'x'.repeat(40)}`);
    for (const signer of attacker) registry.announce(announcementOf(signer, { models }), 'one', T0);
    expect(registry.bytes).toBeLessThanOrEqual(10_000);
    expect(registry.count).toBeGreaterThan(2);
  });
});

it('whatever comes in whatever order: the newest word of each key holds, counts and bytes add up, and changes replay to the same', () => {
  const step = fc.record({
    key: fc.nat(4),
    at: fc.integer({ min: -400, max: 400 }),
    ttlSeconds: fc.integer({ min: 0, max: 600 }),
    now: fc.nat(600),
    unannounce: fc.boolean(),
    network: fc.nat(2),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const registry = createRegistry({ ...LIMITS, maxPeers: 4 });
      const newest = new Map<string, number>();
      let mirror = new Map<string, string>();
      let revision = 0;
      for (const { key, at, ttlSeconds, now, unannounce, network } of steps) {
        const signer = honest[key]!;
        const announcedAt = T0 + at * 1000;
        const nowMs = T0 + now * 1000;
        registry.sweep(nowMs);
        if (!registry.get(signer.pubkey)) newest.delete(signer.pubkey);
        const said = newest.get(signer.pubkey) ?? -1;
        if (unannounce) {
          if (registry.unannounce(issueUnannounce(announcedAt, signer), nowMs) === true)
            expect(announcedAt).toBeGreaterThanOrEqual(said);
        } else if (
          registry.announce(announcementOf(signer, { announcedAt, ttlSeconds }), `n${network}`, nowMs) === 'ok'
        )
          expect(announcedAt).toBeGreaterThanOrEqual(said);
        const entry = registry.get(signer.pubkey);
        if (entry) newest.set(signer.pubkey, entry.saidAtMs);
        for (const pubkey of registry.changes.since(revision) ?? []) {
          const json = registry.get(pubkey)?.json;
          if (json === undefined) mirror.delete(pubkey);
          else mirror.set(pubkey, json);
        }
        revision = registry.changes.revision;
      }
      const there = [...registry.entries()];
      expect(there.length).toBeLessThanOrEqual(4);
      expect(registry.bytes).toBe(there.reduce((sum, [, entry]) => sum + entry.bytes, 0));
      const listed = there.flatMap(([pubkey, { json }]) => (json === undefined ? [] : [[pubkey, json] as const]));
      expect(registry.count).toBe(listed.length);
      mirror = new Map([...mirror].sort());
      expect(mirror).toEqual(new Map([...listed].sort()));
    }),
    { numRuns: 200 },
  );
});

describe('buckets', () => {
  it('fill up again with time, never over their size, and not by a clock that was set back', () => {
    const buckets = createBuckets({ burst: 2, perMinute: 60 });
    expect([buckets.take('a', 0), buckets.take('a', 0), buckets.take('a', 0)]).toEqual([0, 0, 1000]);
    expect(buckets.take('b', 0)).toBe(0);
    expect([buckets.take('a', 1000), buckets.take('a', 1000)]).toEqual([0, 1000]);
    expect(buckets.take('a', -1e9)).toBeGreaterThan(0);
    expect([1, 2, 3].map(() => buckets.take('a', 1e9) > 0)).toEqual([false, false, true]);
  });
});
