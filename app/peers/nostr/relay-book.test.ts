import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueAnnouncement } from '../../protocol/announcement.ts';
import { createSigner } from '../../protocol/ed25519.ts';
import { announcementEvent, deletionEvent } from './lobstah-events.ts';
import { signNostrEvent, verifyNostrEvent, type NostrEvent } from './nostr-event.ts';
import { createRelayBook } from './relay-book.ts';

const NOW_MS = 1_790_000_000_000;
const NOW = NOW_MS / 1000;

function peer() {
  const signer = createSigner(randomBytes(32));
  const secretKey = randomBytes(32);
  const announce = (at: { seconds?: number; url?: string; saidAtMs?: number } = {}) =>
    announcementEvent(
      issueAnnouncement(
        { url: at.url ?? 'https://a.example:17474', ttlSeconds: 300, announcedAt: at.saidAtMs ?? NOW_MS },
        signer,
      ),
      { secretKey, createdAtSeconds: at.seconds ?? NOW },
    );
  return { signer, secretKey, announce };
}

function book(nowMs = () => NOW_MS, maxAuthors = 256) {
  const own = createSigner(randomBytes(32));
  const kept = createRelayBook({ policy: () => ({ allowPrivate: false }), ownPubkey: own.pubkey, nowMs, maxAuthors });
  const hear = (event: NostrEvent) => {
    const verified = verifyNostrEvent(event);
    if (!verified) throw new Error('not signed');
    return kept.wants(event) ? kept.take(verified) : 'not wanted';
  };
  return { kept, hear, urls: () => kept.peers().map(({ url }) => url) };
}

describe('what a relay says', () => {
  it('the newest announcement of an author counts, whatever order they come in', () => {
    const { hear, urls } = book();
    const { announce } = peer();
    const [older, newer] = [
      announce({ seconds: NOW - 10, saidAtMs: NOW_MS - 10_000, url: 'https://old.example' }),
      announce({ url: 'https://new.example' }),
    ];
    expect([hear(newer), hear(older), hear(newer)]).toEqual(['changed', 'not wanted', 'not wanted']);
    expect(urls()).toEqual(['https://new.example']);
  });

  it('stale, future and private ones change nothing, and say why', () => {
    const { hear, urls } = book();
    const { announce } = peer();
    expect(hear(announce({ seconds: NOW - 900, saidAtMs: NOW_MS - 900_000 }))).toMatchObject({
      reason: 'older than its ttl',
    });
    expect(hear(announce({ seconds: NOW + 900, saidAtMs: NOW_MS + 900_000 }))).toMatchObject({
      reason: 'from the future',
    });
    expect(hear(announce({ url: 'http://127.0.0.1:17474' }))).toMatchObject({
      reason: expect.stringContaining('127.0.0.1') as string,
    });
    expect(urls()).toEqual([]);
  });

  it('an announcement of somebody else, or dressed up as new, changes nothing', () => {
    const { hear, urls } = book();
    const [victim, thief] = [peer(), peer()];
    const stolen = JSON.parse(victim.announce().content) as object;
    const dressed = (tags: string[][], seconds: number) =>
      signNostrEvent(
        { kind: 31_474, tags, content: JSON.stringify(stolen), createdAtSeconds: seconds },
        thief.secretKey,
      );
    const base = [
      ['d', 'lobstah-peer'],
      ['t', 'lobstah'],
    ];
    expect(hear(dressed([...base, ['lobstah_pubkey', thief.signer.pubkey]], NOW))).toMatchObject({
      reason: 'the event names another key than the announcement',
    });
    expect(hear(dressed([...base, ['lobstah_pubkey', victim.signer.pubkey]], NOW + 301))).toMatchObject({
      reason: 'the event and the announcement are of different times',
    });
    expect(hear(dressed([['d', 'other']], NOW))).toMatchObject({ reason: 'not an announcement of a peer' });
    expect(urls()).toEqual([]);
  });

  it('a goodbye counts from the author only, also one of v1 that names the event alone, and its event stays gone', () => {
    const { hear, urls } = book();
    const [one, two] = [peer(), peer()];
    const said = one.announce();
    hear(said);
    hear(two.announce({ url: 'https://two.example' }));
    expect(hear(deletionEvent(said, { secretKey: two.secretKey, createdAtSeconds: NOW + 1 }))).toBe('unchanged');
    const v1 = signNostrEvent(
      { kind: 5, tags: [['e', said.id]], content: 'lobstah unannounce', createdAtSeconds: NOW + 1 },
      one.secretKey,
    );
    expect(hear(v1)).toBe('changed');
    expect(hear(said)).toBe('not wanted');
    expect(urls()).toEqual(['https://two.example']);
    expect(hear(one.announce({ seconds: NOW + 2 }))).toBe('changed');
  });

  it('who is missing when the relay tells all has gone', () => {
    const { kept, hear, urls } = book();
    const [one, two] = [peer(), peer()];
    const [first, second] = [one.announce(), two.announce({ url: 'https://two.example' })];
    hear(first);
    hear(second);
    kept.beginStored();
    hear(second);
    expect(kept.endStored()).toBe(true);
    expect(urls()).toEqual(['https://two.example']);
  });

  it('keeps as many authors as it may and no more, until some are over', () => {
    let nowMs = NOW_MS;
    const { kept, hear } = book(() => nowMs, 8);
    for (let count = 0; count < 8; count += 1) hear(peer().announce());
    expect(hear(peer().announce())).toMatchObject({ reason: 'more peers than are kept of one relay' });
    nowMs += 301_000;
    expect(hear(peer().announce({ seconds: NOW + 301, saidAtMs: nowMs }))).toBe('changed');
    expect(kept.peers()).toHaveLength(1);
  });
});
