import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, describe, expect, it } from 'vitest';
import { capturePackets, HERE_ADDRESS, noCableReason, plugCable, THERE_ADDRESS } from './lan-cable.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { outsideSocketsOf } from './outside-sockets-of.ts';
import { until } from './test-grid.ts';

const ended: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

async function startWorker(netns: string) {
  const child = spawn(
    'ip',
    ['netns', 'exec', netns, process.execPath, join(import.meta.dirname, 'lan-worker-main.ts')],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  );
  const gone = once(child, 'exit');
  ended.push(() => {
    child.kill('SIGKILL');
    return gone;
  });
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  const { pubkey, home } = JSON.parse(line) as { pubkey: string; home: string };
  return {
    pubkey,
    pid: String(child.pid),
    setLan: (lan: object) => writeFileSync(join(home, 'settings.json'), JSON.stringify({ lan })),
    setNostr: (nostr: object) => writeFileSync(join(home, 'settings.json'), JSON.stringify({ nostr })),
    async stop() {
      child.stdin.end();
      expect(await gone).toEqual([0, null]);
    },
  };
}

async function startRouter(netns: string) {
  const home = createHome();
  const router = await startLobstah(['router', 'start'], { home, netns });
  ended.push(() => router.kill());
  const json = async (args: string[]) => {
    const { stdout, stderr, code } = await runLobstah([...args, '--json'], { home, netns });
    return code === 0 ? (JSON.parse(stdout) as Record<string, unknown>) : { stderr };
  };
  return {
    pid: String(router.child.pid),
    setLan: (lan: object) => writeFileSync(join(home, 'settings.json'), JSON.stringify({ lan })),
    peers: async () =>
      (await json(['peers', 'list'])) as unknown as {
        peers: { pubkey: string; url: string; sources: string[]; state: string }[];
      },
    chat: () => runLobstah(['chat', 'hello', '--model', 'm'], { home, netns }),
  };
}

const reason = noCableReason();
if (reason !== undefined) process.stdout.write(`skipped: neighbours on a local network: ${reason}\n`);

describe.skipIf(reason !== undefined)('two machines on one network', { timeout: 120_000 }, () => {
  it('off says nothing at all; on says what its sentence says; found by proof, asked, forgotten after the goodbye', async () => {
    using cable = plugCable();
    using capture = await capturePackets(cable.here);
    const worker = await startWorker(cable.here);
    const router = await startRouter(cable.there);
    expect((await router.peers()).peers).toEqual([]);
    expect((await router.chat()).code).toBe(1);
    expect(capture.packets).toEqual([]);
    expect(outsideSocketsOf([worker.pid, router.pid])).toEqual([]);

    worker.setLan({ state: 'on', announce: true, find: false });
    await until(() => capture.packets.some((packet) => packet.startsWith(`udp ${HERE_ADDRESS}:5353`)), 'announced');
    router.setLan({ state: 'on', announce: false, find: true });
    await until(async () => (await router.peers()).peers.length === 1, 'found');
    const [peer] = (await router.peers()).peers;
    expect(peer).toMatchObject({
      pubkey: worker.pubkey,
      sources: ['lan'],
      url: expect.stringMatching(/^http:\/\/10\.77\.0\.1:\d+$/) as string,
    });
    expect(await router.chat()).toMatchObject({ code: 0 });
    const port = new URL(peer?.url ?? '').port;
    const allowed = new RegExp(
      `^(?:igmp 10\\.77\\.0\\.[12] > 224\\.0\\.0\\.\\d+|udp 10\\.77\\.0\\.[12]:5353 > 224\\.0\\.0\\.251:5353|` +
        `tcp ${THERE_ADDRESS}:\\d+ > ${HERE_ADDRESS}:${port}|tcp ${HERE_ADDRESS}:${port} > ${THERE_ADDRESS}:\\d+)$`,
    );
    expect(capture.packets.filter((packet) => !allowed.test(packet))).toEqual([]);
    // Another machine may reach the worker, at the one address, and nothing else: the router stays on loopback.
    expect(outsideSocketsOf([worker.pid]).filter((socket) => socket.endsWith('00000000:0000'))).toHaveLength(1);

    worker.setLan({ state: 'off' });
    await until(async () => (await router.peers()).peers.length === 0, 'forgotten at once');
    await until(() => outsideSocketsOf([worker.pid]).length === 0, 'nothing open');
    router.setLan({ state: 'off' });
    worker.setLan({ state: 'on', announce: true, find: false });
    await until(() => outsideSocketsOf([worker.pid]).length === 1, 'open again');
    const before = capture.packets.length;
    await worker.stop();
    expect(capture.packets.length).toBeGreaterThan(before);
  });

  it('Nostr opens one connection to each relay that was named, and nothing else; off closes it', async () => {
    using cable = plugCable();
    using capture = await capturePackets(cable.here);
    const relayMain = join(import.meta.dirname, 'fake-relay-main.ts');
    const relay = spawn('ip', ['netns', 'exec', cable.there, process.execPath, relayMain, THERE_ADDRESS], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    ended.push(async () => {
      relay.kill('SIGKILL');
      await once(relay, 'exit');
    });
    const [url] = (await once(createInterface(relay.stdout), 'line')) as [string];
    const worker = await startWorker(cable.here);
    expect(capture.packets).toEqual([]);
    worker.setNostr({
      state: 'on',
      relays: [url],
      announce: true,
      find: true,
      publishReceipts: false,
      url: 'https://mac.example',
    });
    await until(() => outsideSocketsOf([worker.pid]).length === 1, 'one connection');
    const { port } = new URL(url);
    const allowed = new RegExp(
      `^tcp (?:${HERE_ADDRESS}:\\d+ > ${THERE_ADDRESS}:${port}|${THERE_ADDRESS}:${port} > ${HERE_ADDRESS}:\\d+)$`,
    );
    worker.setNostr({ state: 'off' });
    await until(() => outsideSocketsOf([worker.pid]).length === 0, 'closed');
    expect(capture.packets.length).toBeGreaterThan(5);
    expect(capture.packets.filter((packet) => !allowed.test(packet))).toEqual([]);
  });

  it('two Lobstahs on one machine find each other', async () => {
    using cable = plugCable();
    const worker = await startWorker(cable.here);
    const router = await startRouter(cable.here);
    router.setLan({ state: 'on', announce: false, find: true });
    worker.setLan({ state: 'on', announce: true, find: false });
    await until(async () => (await router.peers()).peers.length === 1, 'found');
    expect(await router.chat()).toMatchObject({ code: 0 });
  });
});
