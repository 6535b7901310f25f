import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { issueAnnouncement, type Announcement } from '../protocol/announcement.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { chooseStrangers } from './choose-strangers.ts';
import { judgeAnnounced } from './judge-announced.ts';
import { createFoundList } from './sources/found-list.ts';
import { MAX_STRANGERS, type FoundPeer } from './sources/peer-source.ts';
import { createFakeClock, createFakeTrackers, TRACKER } from './testing/fake-trackers.ts';
import { createTrackerSync, type TrackerSyncWish } from './tracker-sync.ts';

const signerOf = (name: string) => createSigner(createHash('sha256').update(name).digest());
const me = signerOf('me');

function setUp(wish: TrackerSyncWish) {
  const clock = createFakeClock();
  const trackers = createFakeTrackers();
  const state = { wish };
  const list = createFoundList({ name: 'tracker', nowMs: clock.nowMs, onChange: () => undefined });
  const sync = createTrackerSync({
    wish: () => state.wish,
    dispatcher: trackers.agent,
    list,
    policy: () => ({ allowPrivate: false }),
    ownPubkey: me.pubkey,
    nowMs: clock.nowMs,
    random: () => 1,
    after: clock.after,
    onChange: () => undefined,
  });
  const announced = (name: string, changes: Partial<Announcement> = {}) =>
    issueAnnouncement(
      { url: `https://${name}.example`, ttlSeconds: 300, announcedAt: clock.nowMs(), ...changes },
      signerOf(name),
    );
  const listed = (...peers: unknown[]) =>
    trackers.answer({ status: 200, body: { version: 1, count: peers.length, peers } });
  return { clock, trackers, state, list, sync, announced, listed };
}

const ON: TrackerSyncWish = { state: 'on', trackers: [TRACKER] };

describe('reading trackers', () => {
  it('while it is off asks nobody and sets no timer', async () => {
    const { sync, clock, trackers } = setUp({ state: 'off' });
    sync.look();
    await clock.pass(3_600_000);
    expect([trackers.requests, clock.timers.size]).toEqual([[], 0]);
  });

  it('keeps who is verified, and forgets who left at the next look', async () => {
    const { sync, clock, list, announced, listed, trackers } = setUp(ON);
    const [a, b] = [announced('a'), announced('b')];
    listed(a, { ...b, signature: a.signature }, announced('c', { url: 'http://10.0.0.1:17474' }), 'junk');
    sync.look();
    await clock.pass(1_000);
    expect(list.list().map(({ pubkey }) => pubkey)).toEqual([signerOf('a').pubkey]);
    expect(sync.states()).toMatchObject([{ found: 1, refused: 3, problem: undefined }]);
    listed(b);
    await clock.pass(120_000);
    expect(trackers.requests).toHaveLength(2);
    expect(list.list().map(({ pubkey }) => pubkey)).toEqual([signerOf('b').pubkey]);
  });

  it('switched off forgets everything and asks no more', async () => {
    const { sync, clock, list, state, announced, listed, trackers } = setUp(ON);
    listed(announced('a'));
    sync.look();
    await clock.pass(1_000);
    expect(list.list()).toHaveLength(1);
    state.wish = { state: 'off' };
    sync.look();
    expect(list.list()).toEqual([]);
    await clock.pass(3_600_000);
    expect(trackers.requests).toHaveLength(1);
  });

  it.each([
    ['an error', { status: 500, body: {} }],
    ['a redirect, which is not followed', { status: 302, body: {}, headers: { location: 'http://127.0.0.1/' } }],
    ['something else than a list', { status: 200, body: { peers: 7 } }],
  ])('after %s keeps what was known until it is over, and says so', async (_name, answer) => {
    const { sync, clock, list, announced, listed, trackers } = setUp(ON);
    listed(announced('a'));
    sync.look();
    await clock.pass(1_000);
    trackers.answer(answer);
    await clock.pass(120_000);
    expect(sync.states()[0]?.problem).toMatch(/tracker/i);
    expect(list.list()).toHaveLength(1);
    await clock.pass(300_000);
    expect(list.list()).toEqual([]);
  });

  it('a list of thousands is kept in part: who was kept before, then by chance', () => {
    const peers = Array.from({ length: 1000 }, (_, index) => ({ pubkey: `lob1${index}` }) as unknown as FoundPeer);
    const before = new Set(peers.slice(900, 910).map(({ pubkey }) => pubkey));
    const chosen = chooseStrangers(peers, before, Math.random);
    expect(chosen).toHaveLength(MAX_STRANGERS);
    for (const pubkey of before) expect(chosen.some((peer) => peer.pubkey === pubkey)).toBe(true);
    expect(chosen).not.toEqual(peers.slice(0, MAX_STRANGERS));
  });
});

describe('judgeAnnounced', () => {
  const here = { nowMs: 1_790_000_000_000, policy: { allowPrivate: false }, ownPubkey: me.pubkey };
  const judge = (changes: Partial<Announcement>, signer = signerOf('a')) =>
    judgeAnnounced(
      issueAnnouncement({ url: 'https://a.example', ttlSeconds: 300, announcedAt: here.nowMs, ...changes }, signer),
      here,
    );
  it.each<[string, Partial<Announcement>]>([
    ['a loopback address', { url: 'http://127.0.0.1:17474' }],
    ['one in disguise', { url: 'http://0x7f000001:17474' }],
    ['one in decimal', { url: 'http://2130706433:17474' }],
    ['metadata', { url: 'http://169.254.169.254' }],
    ['a mapped one', { url: 'http://[::ffff:127.0.0.1]:17474' }],
    ['an odd port', { url: 'http://a.example:22' }],
    ['a path', { url: 'http://a.example/admin' }],
    ['a name and password', { url: 'http://u:p@a.example' }],
    ['the overlay address of another key', { url: `iroh:${'ab'.repeat(32)}` }],
    ['an old one', { announcedAt: here.nowMs - 300_001 }],
  ])('refuses %s with a reason', (_name, changes) => {
    expect(judge(changes)).toHaveProperty('reason');
  });
  it('takes the key itself for an address, without the hints of a stranger', () => {
    const hex = signerOf('a').pubkey.slice(4);
    expect(judge({ url: `iroh:${hex}?relay=http://10.0.0.1&at=10.0.0.2:53` })).toMatchObject({ url: `iroh:${hex}` });
  });
  it('refuses this machine itself', () => {
    expect(judge({}, me)).toMatchObject({ reason: 'this machine itself' });
  });
  it('cleans labels, and believes no ttl of a year', () => {
    expect(judge({ label: '\u202emy\n\u0000mac ', ttlSeconds: 31_536_000 })).toMatchObject({
      label: 'mymac',
      ttlSeconds: 3600,
    });
  });
});
