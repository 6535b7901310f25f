import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NostrEvent } from 'nostr-tools/pure';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { newSigner, startTestGrid, until } from '../grid/test-grid.ts';
import { readEventsAsV1, v1AnnouncementEvent, v1DeletionEvent } from '../v1/v1-nostr.ts';
import { nostrRelayForTests, startNostrRelay } from './nostr-relay-for-tests.ts';

const relayCode = await nostrRelayForTests();
if ('missing' in relayCode) process.stdout.write(`skipped: Nostr on a real relay: ${relayCode.missing}\n`);

/** A client that knows nothing but NIP-01. */
async function connect(url: string) {
  const socket = new WebSocket(url);
  await new Promise<void>((resolve, reject) => socket.once('open', () => resolve()).once('error', reject));
  const waiting: ((message: unknown[]) => boolean)[] = [];
  socket.on('message', (data) => {
    const message = JSON.parse((data as Buffer).toString('utf8')) as unknown[];
    const answered = waiting.findIndex((check) => check(message));
    if (answered >= 0) waiting.splice(answered, 1);
  });
  return {
    put: (event: NostrEvent) =>
      new Promise<unknown[]>((resolve) => {
        waiting.push((message) => message[0] === 'OK' && message[1] === event.id && (resolve(message), true));
        socket.send(JSON.stringify(['EVENT', event]));
      }),
    stored: (filter: object) =>
      new Promise<NostrEvent[]>((resolve) => {
        const events: NostrEvent[] = [];
        const name = randomBytes(4).toString('hex');
        waiting.push((message) => {
          if (message[1] !== name) return false;
          if (message[0] === 'EVENT') events.push(message[2] as NostrEvent);
          if (message[0] === 'EOSE') resolve(events);
          return message[0] === 'EOSE';
        });
        socket.send(JSON.stringify(['REQ', name, filter]));
      }),
    close: () => socket.terminate(),
  };
}

describe.skipIf('missing' in relayCode)('a real relay', () => {
  it("takes our announcement and goodbye, and hands us v1's", async () => {
    if ('missing' in relayCode) return;
    using relay = await startNostrRelay(relayCode.folder);
    const client = await connect(relay.url);
    const nostr = {
      state: 'on',
      relays: [relay.url],
      announce: true,
      find: true,
      publishReceipts: false,
      url: 'https://mac.example:17474',
    };
    const base = { peers: { allowPrivateAnnounced: true } };
    await using grid = await startTestGrid({ roles: 'both', settings: { ...base, nostr } });
    const announced = async () => readEventsAsV1(await client.stored({ kinds: [31_474], '#t': ['lobstah'] }));
    await until(async () => (await announced()).length === 1, 'announced');
    expect(await announced()).toMatchObject([{ announcement: { pubkey: grid.grid.pubkey } }]);

    const [signer, key] = [newSigner(), randomBytes(32)];
    const event = v1AnnouncementEvent(signer, key, { url: 'http://127.0.0.1:17474' });
    expect((await client.put(event))[2]).toBe(true);
    const knows = () => grid.grid.snapshot().peers.some(({ pubkey }) => pubkey === signer.pubkey);
    await until(knows, "v1's event arrived live");
    expect((await client.put({ ...event, content: '{}' }))[2]).toBe(false);
    expect((await client.put(v1DeletionEvent(event.id, key)))[2]).toBe(true);
    expect((await announced()).map(({ announcement }) => announcement.pubkey)).toEqual([grid.grid.pubkey]);

    const file = join(grid.home, 'settings.json');
    writeFileSync(file, JSON.stringify(base));
    await until(async () => (await announced()).length === 0, 'taken back');
    expect(knows()).toBe(false);
    writeFileSync(file, JSON.stringify({ ...base, nostr }));
    await until(async () => (await announced()).length === 1, 'announced again, later than the goodbye');
    client.close();
  });
});
