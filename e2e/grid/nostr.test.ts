import { randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { v1Announcement } from '../v1/v1-announcer.ts';
import { readEventsAsV1, v1AnnouncementEvent, v1DeletionEvent } from '../v1/v1-nostr.ts';
import { startV1Worker } from '../v1/v1-worker.ts';
import { startFakeRelay, type FakeRelay } from './fake-relay.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { chat, newSigner, peerOf, startTestGrid, until } from './test-grid.ts';

const env = { LOBSTAH_ENGINE: 'sample' };
const running: LobstahProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()));
});

/** A Lobstah that shares, may be sent to loopback by strangers, and whose settings are changed while it runs. */
async function up(args: string[] = ['up']) {
  const home = createHome();
  const file = join(home, 'settings.json');
  const base = { sharing: { on: true }, peers: { allowPrivateAnnounced: true } };
  writeFileSync(file, JSON.stringify(base));
  const process = await startLobstah(args, { home, env });
  running.push(process);
  return {
    ...process,
    setNostr: (nostr: object) => writeFileSync(file, JSON.stringify({ ...base, nostr })),
    nostrPubkey: (JSON.parse(readFileSync(join(home, 'identity.json'), 'utf8')) as { nostrPublicKey: string })
      .nostrPublicKey,
    async knows(pubkey: string) {
      const { peers } = (await (await fetch(`${process.routerUrl}/peers`)).json()) as {
        peers: { pubkey: string; url: string; sources: string[] }[];
      };
      return peers.find((peer) => peer.pubkey === pubkey);
    },
  };
}

const on = (relay: FakeRelay, members: object) => ({
  state: 'on',
  relays: [relay.url],
  announce: false,
  find: false,
  publishReceipts: false,
  ...members,
});
const kinds = (relay: FakeRelay) =>
  relay.received.filter(([kind]) => kind === 'EVENT').map(([, event]) => (event as { kind: number }).kind);

describe('being announced on a relay', () => {
  it('nothing is opened before the opt-in; then v1 can read it; off takes it back and closes', async () => {
    await using relay = await startFakeRelay();
    const lobstah = await up();
    expect(relay.connections()).toBe(0);
    lobstah.setNostr(on(relay, { announce: true, url: 'https://mac.example:17474', label: 'my-mac' }));
    await until(() => readEventsAsV1(relay.events()).length === 1, 'announced');
    const [event] = relay.events();
    expect(event).toMatchObject({ kind: 31_474, pubkey: lobstah.nostrPubkey });
    expect(event?.tags).toEqual(
      expect.arrayContaining([
        ['d', 'lobstah-peer'],
        ['t', 'lobstah'],
        ['lobstah_pubkey', lobstah.pubkey],
      ]),
    );
    expect(readEventsAsV1(relay.events())).toMatchObject([
      { announcement: { pubkey: lobstah.pubkey, url: 'https://mac.example:17474', label: 'my-mac', ttlSeconds: 300 } },
    ]);
    // Announcing reads nothing.
    expect(relay.received.map(([kind]) => kind)).toEqual(['EVENT']);

    lobstah.setNostr({ state: 'off' });
    await until(() => kinds(relay).includes(5), 'taken back');
    expect(relay.events().filter(({ kind }) => kind === 31_474)).toEqual([]);
    // And again within the same second, later than its own goodbye.
    lobstah.setNostr(on(relay, { announce: true, url: 'https://mac.example:17474' }));
    await until(() => readEventsAsV1(relay.events()).length === 1, 'announced again');
    expect(await lobstah.stop()).toBe(0);
    expect(relay.events().filter(({ kind }) => kind === 31_474)).toEqual([]);
    expect(kinds(relay)).toEqual([31_474, 5, 31_474, 5]);
  });

  it('who stops sharing is taken back; a cut connection is made again and told again', async () => {
    await using relay = await startFakeRelay();
    const lobstah = await up();
    lobstah.setNostr(on(relay, { announce: true, url: 'https://mac.example' }));
    await until(() => relay.events().length === 1, 'announced');
    relay.cut();
    await until(() => relay.connections() === 2 && kinds(relay).length === 2, 'connected and told again');
    writeFileSync(
      join(lobstah.home, 'settings.json'),
      JSON.stringify({ sharing: { on: false }, nostr: on(relay, { announce: true, url: 'https://mac.example' }) }),
    );
    await until(() => kinds(relay).at(-1) === 5, 'taken back');
  });

  it('offline closes every connection at once and says nothing more, not even goodbye', async () => {
    await using relay = await startFakeRelay();
    const nostr = on(relay, { announce: true, find: true, url: 'https://mac.example' });
    await using worker = await startTestGrid({ roles: 'both', settings: { nostr } });
    const change = (settings: object) => writeFileSync(join(worker.home, 'settings.json'), JSON.stringify(settings));
    await until(() => relay.events().length === 1, 'announced');
    change({ nostr, sharing: { offline: true } });
    await until(() => relay.clients() === 0, 'closed');
    expect(kinds(relay)).toEqual([31_474]);
    change({ nostr });
    await until(() => kinds(relay).length === 2, 'announced again');
  });

  it('receipts are published under their own switch only, in the form of v1', async () => {
    await using relay = await startFakeRelay();
    const settings = { announce: true, url: 'https://mac.example' };
    await using worker = await startTestGrid({ roles: 'both', settings: { nostr: on(relay, settings) } });
    await using asker = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const change = (members: object) =>
      writeFileSync(join(worker.home, 'settings.json'), JSON.stringify({ nostr: on(relay, members) }));
    await until(() => relay.events().length === 1, 'announced');
    expect((await chat(asker.api)).status).toBe(200);
    expect(kinds(relay)).toEqual([31_474]);
    change({ ...settings, publishReceipts: true });
    await until(async () => (await chat(asker.api)).status === 200 && kinds(relay).includes(1_474), 'published');
    // Own prompts are nobody's business, whatever the switch says: what is said last has overtaken nothing.
    expect((await chat(worker.api)).status).toBe(200);
    change({ ...settings, announce: false, publishReceipts: true });
    await until(() => kinds(relay).at(-1) === 5, 'taken back');
    const receipts = relay.events().filter(({ kind }) => kind === 1_474);
    for (const { tags, content } of receipts) {
      const { receipt } = JSON.parse(content) as { receipt: Record<string, string> };
      expect(receipt).toMatchObject({ requesterPubkey: asker.grid.pubkey, workerPubkey: worker.grid.pubkey });
      expect(tags).toEqual([
        ['t', 'lobstah-receipt'],
        ['worker_pubkey', worker.grid.pubkey],
        ['requester_pubkey', asker.grid.pubkey],
        ['nonce', receipt['nonce']],
      ]);
    }
  });
});

describe('finding peers on a relay', () => {
  it("v1's events are read, asked, and forgotten when deleted, also by a relay that only leaves them out", async () => {
    await using relay = await startFakeRelay();
    const [signer, key] = [newSigner(), randomBytes(32)];
    await using worker = await startV1Worker({ signer, models: ['m'] });
    const event = v1AnnouncementEvent(signer, key, { url: worker.url });
    relay.put(event);
    const lobstah = await up();
    lobstah.setNostr(on(relay, { find: true }));
    await until(async () => (await lobstah.knows(signer.pubkey)) !== undefined, 'found');
    expect(await lobstah.knows(signer.pubkey)).toMatchObject({ url: worker.url, sources: ['nostr'] });
    expect(await chat(`${lobstah.routerUrl}/v1`)).toMatchObject({ status: 200, content: 'Hello from v1' });
    // Reading says nothing.
    expect(relay.received.map(([kind]) => kind)).toEqual(['REQ']);
    relay.put(v1DeletionEvent(event.id, key));
    relay.cut();
    await until(async () => (await lobstah.knows(signer.pubkey)) === undefined, 'gone');
    relay.put(v1AnnouncementEvent(signer, key, { url: worker.url }, Math.floor(Date.now() / 1000) + 1));
    await until(async () => (await lobstah.knows(signer.pubkey)) !== undefined, 'heard of live');
    lobstah.setNostr({ state: 'off' });
    await until(async () => (await lobstah.knows(signer.pubkey)) === undefined, 'forgotten');
  });

  it('forged, stale, older, future and foreign events of a hostile relay change nothing', async () => {
    await using relay = await startFakeRelay();
    const [good, key] = [newSigner(), randomBytes(32)];
    const nowSeconds = Math.floor(Date.now() / 1000);
    const event = v1AnnouncementEvent(good, key, { url: 'http://127.0.0.1:17474' }, nowSeconds);
    relay.put(event);
    const lobstah = await up(['router', 'start']);
    lobstah.setNostr(on(relay, { find: true }));
    await until(async () => (await lobstah.knows(good.pubkey)) !== undefined, 'found');

    const thief = { signer: newSigner(), key: randomBytes(32) };
    const content = JSON.stringify(v1Announcement(thief.signer, { url: 'http://127.0.0.1:6000' }));
    relay.inject({ ...event, content });
    relay.inject({ ...event, content: JSON.stringify(v1Announcement(good, { url: 'http://127.0.0.1:9999' })) });
    relay.inject({ ...event, created_at: nowSeconds + 10 });
    relay.inject(
      v1AnnouncementEvent(good, key, { url: 'http://127.0.0.1:9998', announcedAt: Date.now() - 9_000 }, nowSeconds - 9),
    );
    relay.inject(v1AnnouncementEvent(good, key, { announcedAt: Date.now() - 900_000 }, nowSeconds - 900));
    relay.inject(v1AnnouncementEvent(good, key, { announcedAt: Date.now() + 900_000 }, nowSeconds + 900));
    relay.inject(v1AnnouncementEvent(thief.signer, thief.key, { pubkey: good.pubkey, url: 'http://127.0.0.1:9997' }));
    relay.inject(v1DeletionEvent(event.id, thief.key));
    relay.inject({ kind: 31_474 });
    relay.inject('junk');
    // What is taken in order has been taken when this one has.
    const last = newSigner();
    relay.inject(v1AnnouncementEvent(last, randomBytes(32), { url: 'http://127.0.0.1:17999' }));
    await until(async () => (await lobstah.knows(last.pubkey)) !== undefined, 'the last one');
    expect(await lobstah.knows(good.pubkey)).toMatchObject({ url: 'http://127.0.0.1:17474' });
    expect(await lobstah.knows(thief.signer.pubkey)).toBeUndefined();
  });

  it('a flood is cut short: no more peers than are kept, and the router goes on answering', async () => {
    await using relay = await startFakeRelay();
    const lobstah = await up(['router', 'start']);
    lobstah.setNostr(on(relay, { find: true }));
    await until(() => relay.received.length === 1, 'asked');
    const event = v1AnnouncementEvent(newSigner(), randomBytes(32));
    for (let count = 0; count < 20_000; count += 1)
      relay.inject({ ...event, pubkey: count.toString(16).padStart(64, '0'), id: randomBytes(32).toString('hex') });
    const startedMs = performance.now();
    expect((await fetch(`${lobstah.routerUrl}/pubkey`)).status).toBe(200);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
