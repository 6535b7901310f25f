import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { postAsV1, readAsV1, v1Announcement, v1Unannounce } from '../v1/v1-announcer.ts';
import { startV1Tracker } from '../v1/v1-tracker.ts';
import { startV1Worker } from '../v1/v1-worker.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { outsideSocketsOf } from './outside-sockets-of.ts';
import { chat, newSigner, until } from './test-grid.ts';

const env = { LOBSTAH_ENGINE: 'sample' };
const running: LobstahProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()));
});

async function start(args: string[], home: string): Promise<LobstahProcess> {
  const started = await startLobstah(args, { home, env });
  running.push(started);
  return started;
}

/** Everything here is on loopback, which strangers may not announce unless the owner allows it. */
function homeThatAllowsPrivate(settings: object = {}): string {
  const home = createHome();
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ ...settings, peers: { allowPrivateAnnounced: true } }));
  return home;
}

const json = async (args: string[], home: string) => {
  const { code, stdout, stderr } = await runLobstah([...args, '--json'], { home, env });
  expect([code, stderr]).toEqual([0, '']);
  return JSON.parse(stdout) as Record<string, unknown> & { pubkey: string };
};

describe("the original's command sequence", () => {
  it('keygen, peers add, router, worker that announces, tracker, sync, balance; SIGTERM empties the tracker', async () => {
    const [workerHome, routerHome] = [createHome(), homeThatAllowsPrivate()];
    const { pubkey } = await json(['keygen'], workerHome);
    expect(pubkey).toMatch(/^lob1/);
    await using friend = await startV1Worker({ signer: newSigner(), models: ['old:8b'] });
    await json(['peers', 'add', friend.pubkey, friend.url], routerHome);
    const router = await start(['router', 'start'], routerHome);
    const tracker = await start(['tracker', 'start', '--port', '0'], createHome());
    expect(tracker.trackerUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const announce = [
      '--announce-to',
      tracker.trackerUrl,
      '--announce-url',
      'http://127.0.0.1:17474',
      '--announce-label',
      'my-mac',
    ];
    const worker = await start(['worker', 'start', ...announce], workerHome);
    await until(async () => (await readAsV1(tracker.trackerUrl)).count === 1, 'the worker is announced');
    expect((await readAsV1(tracker.trackerUrl)).verified).toMatchObject([
      {
        announcement: {
          version: 1,
          pubkey,
          url: 'http://127.0.0.1:17474',
          label: 'my-mac',
          tier: 'interactive',
          ttlSeconds: 300,
        },
      },
    ]);

    const report = await json(['peers', 'sync', tracker.trackerUrl], routerHome);
    expect(report).toMatchObject({ added: [{ pubkey, label: 'my-mac' }], updated: [], refused: [], beyond: 0 });
    expect(await json(['peers', 'sync', tracker.trackerUrl], routerHome)).toMatchObject({
      added: [],
      unchanged: [{ pubkey }],
    });
    const { peers } = (await json(['peers', 'list'], routerHome)) as unknown as {
      peers: { pubkey: string; sources: string[] }[];
    };
    expect(peers).toMatchObject([
      { pubkey: friend.pubkey, sources: ['static'] },
      { pubkey, sources: ['tracker'] },
    ]);
    const { stdout } = await runLobstah(['peers', 'list'], { home: routerHome });
    expect(stdout).toMatch(/my-mac .*tracker, a moment ago/);
    expect((await runLobstah(['peers', 'list', '--long'], { home: routerHome })).stdout).toContain(pubkey);
    expect(await chat(`${router.routerUrl}/v1`, { model: 'old:8b' })).toMatchObject({ status: 200, done: true });
    expect((await runLobstah(['balance'], { home: routerHome })).stdout).toMatch(/spent .*14/);

    expect(await worker.stop()).toBe(0);
    expect((await readAsV1(tracker.trackerUrl)).peers).toEqual([]);
    expect(await tracker.stop()).toBe(0);
  });

  it('a peer that a tracker knows is asked like any other, and removing it beats every later sync', async () => {
    await using found = await startV1Worker({ signer: newSigner(), models: ['m'] });
    const signer = newSigner();
    await using stranger = await startV1Worker({ signer, models: ['other'] });
    const tracker = await start(['tracker', 'start'], createHome());
    await postAsV1(tracker.trackerUrl, '/announce', v1Announcement(signer, { url: stranger.url }));
    const home = homeThatAllowsPrivate();
    await json(['peers', 'add', found.pubkey, found.url], home);
    await json(['peers', 'sync', tracker.trackerUrl], home);
    const router = await start(['router', 'start'], home);
    expect(await chat(`${router.routerUrl}/v1`, { model: 'other' })).toMatchObject({
      status: 200,
      content: 'Hello from v1',
    });
    await json(['peers', 'remove', signer.pubkey], home);
    expect(await json(['peers', 'sync', tracker.trackerUrl], home)).toMatchObject({
      added: [],
      refused: [{ pubkey: signer.pubkey, reason: 'removed or blocked by you' }],
    });
    expect((await chat(`${router.routerUrl}/v1`, { model: 'other' })).status).toBe(503);
    await router.stop();
    // Also after a new start.
    const again = await start(['router', 'start'], home);
    expect((await chat(`${again.routerUrl}/v1`, { model: 'other' })).status).toBe(503);
  });

  it('without the setting, no address of this machine or network is taken from a tracker', async () => {
    const signer = newSigner();
    await using worker = await startV1Worker({ signer, models: ['m'] });
    const tracker = await start(['tracker', 'start'], createHome());
    const named = newSigner();
    const { port } = new URL(worker.url);
    await postAsV1(tracker.trackerUrl, '/announce', v1Announcement(signer, { url: worker.url }));
    // A name says nothing until it is resolved: it is kept, and refused when it is dialled.
    await postAsV1(tracker.trackerUrl, '/announce', v1Announcement(named, { url: `http://localhost:${port}` }));
    const home = createHome();
    expect(await json(['peers', 'sync', tracker.trackerUrl], home)).toMatchObject({
      added: [{ pubkey: named.pubkey }],
      refused: [{ pubkey: signer.pubkey, reason: expect.stringContaining('127.0.0.1') as string }],
    });
    const router = await start(['router', 'start'], home);
    const { peers } = (await (await fetch(`${router.routerUrl}/peers`)).json()) as { peers: { problem: string }[] };
    expect(peers).toMatchObject([
      { problem: expect.stringMatching(/announced address .* is that of this machine/) as string },
    ]);
    expect((await chat(`${router.routerUrl}/v1`)).status).toBe(503);
    expect(worker.asked).toEqual([]);
  });

  it.each([
    [['worker', 'start', '--announce-to', 'http://127.0.0.1:17474'], /--announce-url/],
    [['worker', 'start', '--announce-url', 'http://a'], /--announce-to/],
    [['worker', 'start', '--announce-to', 'ftp://a', '--announce-url', 'http://a'], /tracker/],
    [['tracker', 'start', '--trust-proxy', 'x'], /range/],
    [['peers', 'sync', 'nonsense'], /tracker/],
  ])('%j is refused with what to do', async (args, message) => {
    const { code, stderr } = await runLobstah(args, { home: createHome(), env });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});

describe('v1 and ours', () => {
  it('our worker announces to a v1 tracker, renews nothing without need, and says goodbye', async () => {
    await using tracker = await startV1Tracker();
    const worker = await start(
      ['worker', 'start', '--announce-to', tracker.url, '--announce-url', 'http://127.0.0.1:17474'],
      createHome(),
    );
    await until(() => tracker.peers.size === 1, 'announced');
    expect((await readAsV1(tracker.url)).verified).toHaveLength(1);
    expect(await worker.stop()).toBe(0);
    expect(tracker.peers.size).toBe(0);
    expect(tracker.requests.filter((route) => route.startsWith('POST'))).toEqual([
      'POST /announce',
      'POST /unannounce',
    ]);
  });

  it('a v1 worker announces to our tracker and takes it back', async () => {
    const tracker = await start(['tracker', 'start'], createHome());
    const signer = newSigner();
    expect(await postAsV1(tracker.trackerUrl, '/announce', v1Announcement(signer))).toEqual({
      status: 200,
      body: { ok: true, pubkey: signer.pubkey, ttlSeconds: 300, registeredCount: 1 },
    });
    expect((await readAsV1(tracker.trackerUrl)).verified).toHaveLength(1);
    expect(await postAsV1(tracker.trackerUrl, '/unannounce', v1Unannounce(signer))).toEqual({
      status: 200,
      body: { ok: true, removed: true },
    });
  });

  it('our router reads a v1 tracker: forged, stale and foreign entries are named and left out', async () => {
    await using tracker = await startV1Tracker();
    const good = newSigner();
    tracker.peers.set('1', v1Announcement(good, { url: 'http://127.0.0.1:17474' }));
    tracker.peers.set('2', { ...v1Announcement(newSigner()), signature: newSigner().sign('x') });
    tracker.peers.set('3', v1Announcement(newSigner(), { announcedAt: Date.now() - 999_000 }));
    tracker.peers.set('4', 'junk');
    const report = await json(['peers', 'sync', tracker.url], homeThatAllowsPrivate());
    expect(report).toMatchObject({ added: [{ pubkey: good.pubkey }] });
    expect((report['refused'] as { reason: string }[]).map(({ reason }) => reason)).toEqual([
      'the signature is not that of its key',
      'older than its ttl',
      'not a signed announcement',
    ]);
  });
});

describe('the opt-ins in settings', () => {
  it('switched on and off while it runs: announced, read, taken back, forgotten', async () => {
    await using tracker = await startV1Tracker();
    const signer = newSigner();
    await using other = await startV1Worker({ signer, models: ['m'] });
    tracker.peers.set(signer.pubkey, v1Announcement(signer, { url: other.url }));
    const home = homeThatAllowsPrivate({ sharing: { on: true } });
    const up = await start(['up'], home);
    const file = join(home, 'settings.json');
    const change = (members: object) =>
      writeFileSync(file, JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), ...members }));
    expect(tracker.requests).toEqual([]);

    change({
      announce: { state: 'on', trackers: [tracker.url], url: 'http://127.0.0.1:17474', label: 'x' },
      trackerSync: { state: 'on', trackers: [tracker.url] },
    });
    await until(() => tracker.peers.has(up.pubkey), 'announced');
    await until(async () => (await chat(`${up.routerUrl}/v1`)).status === 200, 'found and asked');

    // Who does not share is not announced; what was found stays.
    await runLobstah(['sharing', 'off'], { home });
    await until(() => !tracker.peers.has(up.pubkey), 'taken back');
    await runLobstah(['sharing', 'on'], { home });
    await until(() => tracker.peers.has(up.pubkey), 'announced again');

    change({ announce: { state: 'off' }, trackerSync: { state: 'off' } });
    await until(() => !tracker.peers.has(up.pubkey), 'taken back');
    await until(async () => (await chat(`${up.routerUrl}/v1`)).status === 503, 'forgotten');
    const asked = tracker.requests.length;
    expect(await up.stop()).toBe(0);
    expect(tracker.requests).toHaveLength(asked);
  });
});

describe.runIf(process.platform === 'linux')('sockets', () => {
  it('with every opt-in off none leaves loopback, whatever is asked; the counter sees one that would', async () => {
    const home = createHome();
    const up = await start(['up', '--share'], home);
    const seen = new Set<string>();
    const look = () => outsideSocketsOf([String(up.child.pid)]).forEach((socket) => seen.add(socket));
    const watching = setInterval(look, 50);
    await chat(`${up.routerUrl}/v1`, { model: 'lobstah/auto' });
    await runLobstah(['peers', 'list'], { home });
    await runLobstah(['sharing', 'off'], { home });
    clearInterval(watching);
    look();
    expect([...seen]).toEqual([]);
    const open = await start(['tracker', 'start', '--host', '0.0.0.0'], createHome());
    expect(outsideSocketsOf([String(open.child.pid)])).toHaveLength(1);
  });
});
