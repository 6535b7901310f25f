import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verifyAnnouncement, verifyUnannounce } from '../protocol/announcement.ts';
import { createSigner } from '../protocol/ed25519.ts';
import { createAnnouncer, type AnnounceWish } from './announcer.ts';
import { createFakeClock, createFakeTrackers, TRACKER } from './testing/fake-trackers.ts';

const signer = createSigner(createHash('sha256').update('announcer').digest());
const ON: AnnounceWish = { state: 'on', trackers: [TRACKER], url: 'https://mac.example:17474', label: 'my-mac' };

function setUp(wish: AnnounceWish) {
  const clock = createFakeClock();
  const trackers = createFakeTrackers();
  const state = { wish, models: ['m'] };
  const announcer = createAnnouncer({
    signer,
    dispatcher: trackers.agent,
    wish: () => state.wish,
    offer: () => Promise.resolve({ models: state.models, tier: 'batch' }),
    nowMs: clock.nowMs,
    random: () => 1,
    after: clock.after,
    onChange: () => undefined,
  });
  const paths = () => trackers.requests.map(({ path }) => path);
  return { clock, trackers, state, announcer, paths };
}

describe('an announcer', () => {
  it('that is off sends nothing and sets no timer', async () => {
    const { announcer, clock, paths } = setUp({ state: 'off' });
    announcer.look();
    await clock.pass(3_600_000);
    await announcer.stop();
    expect([paths(), clock.timers.size]).toEqual([[], 0]);
  });

  it.each([
    [
      'that lists them',
      { name: 'lobstah-tracker', addresses: ['http', 'https', 'iroh'] },
      ['/', '/announce'],
      undefined,
    ],
    ['of v1', { name: 'lobstah-tracker' }, ['/'], 'This tracker lists http and https addresses only.'],
  ])('tells an address of the overlay to a tracker %s', async (_which, body, expected, problem) => {
    const { announcer, clock, paths, trackers } = setUp({ ...ON, url: `iroh:${signer.pubkey.slice(4)}` });
    trackers.answer({ status: 200, body });
    announcer.look();
    await clock.pass(1_000);
    expect(paths()).toEqual(expected);
    expect(announcer.states()).toMatchObject([{ problem }]);
    await announcer.stop();
  });

  it('tells at once, then every half ttl, each time newer, and says goodbye', async () => {
    const { announcer, clock, paths, trackers } = setUp(ON);
    announcer.look();
    await clock.pass(149_000);
    expect(paths()).toEqual(['/announce']);
    await clock.pass(152_000);
    expect(paths()).toEqual(['/announce', '/announce', '/announce']);
    const signed = trackers.requests.map(({ body }) => verifyAnnouncement(body)?.announcement);
    expect(signed[0]).toMatchObject({
      url: 'https://mac.example:17474',
      label: 'my-mac',
      models: ['m'],
      tier: 'batch',
      ttlSeconds: 300,
    });
    expect(signed[1]?.announcedAt).toBeGreaterThan(signed[0]?.announcedAt ?? Infinity);
    expect(announcer.states()).toMatchObject([{ tracker: TRACKER, problem: undefined }]);
    await announcer.stop();
    expect(paths().at(-1)).toBe('/unannounce');
    expect(verifyUnannounce(trackers.requests.at(-1)?.body)?.timestamp).toBeGreaterThanOrEqual(
      signed[2]?.announcedAt ?? Infinity,
    );
    await clock.pass(3_600_000);
    expect(paths()).toHaveLength(4);
  });

  it('tells within half a minute when the models changed, and not when they did not', async () => {
    const { announcer, clock, paths, state, trackers } = setUp(ON);
    announcer.look();
    await clock.pass(60_000);
    state.models = ['m', 'n'];
    await clock.pass(30_000);
    expect(paths()).toEqual(['/announce', '/announce']);
    expect(trackers.requests[1]?.body.announcement.models).toEqual(['m', 'n']);
    announcer.look();
    await clock.pass(1_000);
    expect(paths()).toHaveLength(2);
  });

  it('takes back what it said when it is switched off, or when a tracker is taken out', async () => {
    const { announcer, clock, paths, state } = setUp(ON);
    announcer.look();
    await clock.pass(1_000);
    state.wish = { state: 'off' };
    announcer.look();
    await clock.pass(3_600_000);
    expect(paths()).toEqual(['/announce', '/unannounce']);
    expect(announcer.states()).toEqual([]);
  });

  it('waits longer after each failure, and for as long as it is told', async () => {
    const { announcer, clock, paths, trackers } = setUp(ON);
    trackers.answer({ status: 500, body: {} });
    announcer.look();
    await clock.pass(4_000);
    expect(paths()).toHaveLength(1);
    expect(announcer.states()).toMatchObject([
      { lastAnnouncedMs: undefined, problem: expect.stringContaining('500') as string },
    ]);
    await clock.pass(2_000);
    expect(paths()).toHaveLength(2);
    await clock.pass(8_000);
    expect(paths()).toHaveLength(2);
    trackers.answer({ status: 429, body: {}, headers: { 'retry-after': '600' } });
    await clock.pass(3_000);
    expect(paths()).toHaveLength(3);
    trackers.answer({ status: 200, body: {} });
    await clock.pass(595_000);
    expect(paths()).toHaveLength(3);
    await clock.pass(10_000);
    expect(paths()).toHaveLength(4);
    expect(announcer.states()).toMatchObject([{ problem: undefined }]);
  });

  it('says goodbye also when it is stopped before the first answer, and only once', async () => {
    const { announcer, paths } = setUp(ON);
    announcer.look();
    await Promise.all([announcer.stop(), announcer.stop()]);
    expect(paths()).toEqual(['/announce', '/unannounce']);
  });
});
