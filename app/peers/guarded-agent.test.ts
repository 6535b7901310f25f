import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Agent, request } from 'undici';
import { describe, expect, it } from 'vitest';
import { createGuardedAgent } from './guarded-agent.ts';
import { createPeerDispatcher } from './peer-dispatcher.ts';

/** A door behind the firewall that must not be knocked at. */
async function startVictim(answer: { status: number; location?: string } = { status: 200 }) {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked += 1;
    response.writeHead(answer.status, answer.location ? { location: answer.location } : {}).end('secret');
  });
  let connections = 0;
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    seen: () => ({ asked, connections }),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A resolver that says what it is told to, one answer after the other. */
function resolverOf(...answers: string[][]): never {
  let turn = 0;
  return ((_name: string, _options: object, callback: (error: null, found: object[]) => void) => {
    const addresses = answers[Math.min(turn++, answers.length - 1)] ?? [];
    callback(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  }) as never;
}

const strict = () => ({ allowPrivate: false });

describe('the guard', () => {
  it.each(['127.0.0.1', 'localhost', '[::1]', '0x7f.1', '2130706433', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'never connects to %s',
    async (host) => {
      await using victim = await startVictim();
      const agent = createGuardedAgent({ policy: strict });
      await expect(request(`http://${host}:${victim.port}/`, { dispatcher: agent })).rejects.toMatchObject({
        code: 'peer_address_refused',
      });
      expect(victim.seen().connections).toBe(0);
      await agent.destroy();
    },
  );

  it('looks at what a name resolves to at the moment of connecting (DNS rebinding)', async () => {
    await using victim = await startVictim();
    // Harmless when the entry was judged; the victim when it is dialled.
    const agent = createGuardedAgent({ policy: strict, lookup: resolverOf(['127.0.0.1']) });
    await expect(request(`http://rebind.example:${victim.port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'peer_address_refused',
    });
    expect(victim.seen().connections).toBe(0);
    await agent.destroy();
  });

  it('refuses a name with one good and one bad address', async () => {
    await using victim = await startVictim();
    const agent = createGuardedAgent({ policy: strict, lookup: resolverOf(['8.8.8.8', '127.0.0.1']) });
    await expect(request(`http://mixed.example:${victim.port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'peer_address_refused',
    });
    expect(victim.seen().connections).toBe(0);
    await agent.destroy();
  });

  it('lets through what the owner allows, follows no redirect, and obeys a change of mind at once', async () => {
    await using target = await startVictim();
    await using door = await startVictim({ status: 302, location: `http://127.0.0.1:${target.port}/` });
    let allowPrivate = true;
    const agent = createGuardedAgent({ policy: () => ({ allowPrivate }), lookup: resolverOf(['127.0.0.1']) });
    const { statusCode, body } = await request(`http://lan.example:${door.port}/`, { dispatcher: agent });
    await body.dump();
    expect([statusCode, target.seen().asked]).toEqual([302, 0]);
    allowPrivate = false;
    await expect(request(`http://lan.example:${target.port}/`, { dispatcher: agent })).rejects.toMatchObject({
      code: 'peer_address_refused',
    });
    await agent.destroy();
  });

  it('stands before strangers only: what the owner typed is dialled', async () => {
    await using typed = await startVictim();
    await using other = await startVictim();
    const open = new Agent();
    const guarded = createGuardedAgent({ policy: strict });
    const origin = `http://127.0.0.1:${typed.port}`;
    const dispatcher = createPeerDispatcher({
      open,
      guarded,
      isTyped: (asked) => asked === origin,
      neighbours: open,
      isNeighbour: () => false,
    });
    const { statusCode, body } = await request(origin, { dispatcher });
    await body.dump();
    expect(statusCode).toBe(200);
    await expect(request(`http://127.0.0.1:${other.port}/`, { dispatcher })).rejects.toMatchObject({
      code: 'peer_address_refused',
    });
    await Promise.all([open.destroy(), guarded.destroy()]);
  });

  it('dials neighbours in their subnet only, whatever else would be open to the internet', async () => {
    await using victim = await startVictim();
    const origin = `http://127.0.0.1:${victim.port}`;
    const guarded = createGuardedAgent({ policy: strict });
    const neighbours = createGuardedAgent({ policy: () => ({ allowPrivate: false, onlySubnets: ['10.77.0.0/24'] }) });
    const dispatcher = createPeerDispatcher({
      open: new Agent(),
      guarded,
      isTyped: () => false,
      neighbours,
      isNeighbour: () => true,
    });
    for (const url of [origin, 'http://10.77.1.1:17474', 'http://8.8.8.8:17474', 'http://169.254.169.254:8080'])
      await expect(request(url, { dispatcher })).rejects.toMatchObject({ code: 'peer_address_refused' });
    expect(victim.seen().connections).toBe(0);
    await Promise.all([guarded.destroy(), neighbours.destroy()]);
  });
});
