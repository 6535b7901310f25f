import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from '../grid/lobstah-process.ts';
import { findRelay, startLocalRelay, type LocalRelay } from './local-relay.ts';
import { createNatNetworks, natNetworksPossible, type NatNetworks } from './nat-networks.ts';

const relayProgram = findRelay();
const isPossible = natNetworksPossible() && relayProgram !== undefined;
const OLLAMA = join(import.meta.dirname, '../../app/engine/testing/fake-ollama-main.ts');

/** 150 tokens, one every 50 ms: long enough to take the line away in the middle. */
const TOKENS = 150;
const TOKEN_MS = 50;
/** the stall limit, and what a busy machine needs on top */
const STALL_MS = 3_000 + 4_000;

describe.runIf(isPossible)('the overlay through NAT', () => {
  let networks: NatNetworks;
  let relay: LocalRelay;
  let asking: LobstahProcess;
  let hidden: LobstahProcess;
  let open: LobstahProcess;
  const children: ChildProcess[] = [];

  async function startMachine(namespace: string, model?: string): Promise<LobstahProcess> {
    const home = createHome();
    const overlay = { state: 'on', relay: relay.url, relayOnly: false };
    writeFileSync(
      join(home, 'settings.json'),
      JSON.stringify({ overlay, sharing: { on: true }, worker: { giftTokensPerDay: 100_000_000 } }),
    );
    let env: Record<string, string> = { LOBSTAH_ENGINE: 'sample' };
    if (model !== undefined) {
      const args = [OLLAMA, '--model', model, '--tokens', String(TOKENS), '--delay-ms', String(TOKEN_MS)];
      const engine = spawn('ip', ['netns', 'exec', namespace, process.execPath, ...args], {
        stdio: ['pipe', 'pipe', 'inherit'],
      });
      children.push(engine);
      const [url] = (await once(createInterface(engine.stdout), 'line')) as [string];
      env = { LOBSTAH_ENGINE: 'ollama', OLLAMA_HOST: url };
    }
    return startLobstah(['up'], { home, env, netns: namespace });
  }

  beforeAll(async () => {
    networks = createNatNetworks();
    relay = await startLocalRelay(relayProgram ?? '', networks.net, networks.netAddress);
    hidden = await startMachine(networks.homeB, 'hidden:1b');
    open = await startMachine(networks.open, 'open:1b');
    asking = await startMachine(networks.homeA);
    for (const { pubkey } of [hidden, open]) {
      const { code, stderr } = await runLobstah(['peers', 'add', pubkey], { home: asking.home });
      if (code !== 0) throw new Error(stderr);
    }
  }, 120_000);

  afterAll(async () => {
    await Promise.all([asking, hidden, open].map((lobstah) => lobstah?.kill()));
    for (const child of children) child.kill();
    await relay?.[Symbol.asyncDispose]();
    networks?.remove();
  });

  const ask = (model: string, prompt: string) =>
    runLobstah(['chat', '--json', '--router', asking.routerUrl, '--model', model, '-'], {
      home: asking.home,
      netns: networks.homeA,
      input: prompt,
    });

  /** as `peers list` is told by the router */
  function pathOf(pubkey: string): string {
    const code = `fetch('${asking.routerUrl}/peers').then((answer) => answer.text()).then(console.log)`;
    const { peers } = JSON.parse(networks.run(networks.homeA, process.execPath, '-e', code)) as {
      peers: { pubkey: string; path: string }[];
    };
    return peers.find((peer) => peer.pubkey === pubkey)?.path ?? '';
  }

  it('no TCP connection is possible between the machines', () => {
    for (const address of ['10.2.0.2', '198.51.100.3', '198.51.100.4'])
      expect(() => networks.run(networks.homeA, 'timeout', '1', 'bash', '-c', `</dev/tcp/${address}/17474`)).toThrow();
  });

  it('a chat streams by key alone through the relay, which can read nothing of it', async () => {
    const secret = 'the lighthouse keeper counts herons ';
    const before = (await relay.sent()).length;
    const { code, stdout, stderr } = await ask('hidden:1b', secret.repeat(3_000));
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).not.toBe('');
    expect(pathOf(hidden.pubkey)).toBe('relay');
    const sent = (await relay.sent()).subarray(before);
    // All of the prompt went that way, and none of it can be found there.
    expect(sent.length).toBeGreaterThan(secret.length * 3_000);
    expect(sent.includes('lighthouse keeper')).toBe(false);
    expect(sent.includes('chat/completions')).toBe(false);
  });

  it('where the NAT allows it, the path becomes direct', async () => {
    expect(await ask('open:1b', 'hello')).toMatchObject({ code: 0 });
    const deadline = Date.now() + 30_000;
    while (pathOf(open.pubkey) !== 'direct') {
      if (Date.now() > deadline) throw new Error(`the path is still '${pathOf(open.pubkey)}'`);
      await ask('open:1b', 'again');
    }
  });

  it.each([
    ['the line is down for 3 s', 3_000],
    ['the line stays down', 20_000],
  ])('%s in mid-stream: the answer goes on or ends honestly, within the stall limit', async (_name, downMs) => {
    const answer = ask('hidden:1b', 'hello');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    networks.setLine('B', 'down');
    const downAtMs = Date.now();
    const up = setTimeout(() => networks.setLine('B', 'up'), downMs);
    const { code, stdout, stderr } = await answer;
    const tookMs = Date.now() - downAtMs;
    clearTimeout(up);
    networks.setLine('B', 'up');
    console.log(`line down ${downMs} ms: ended after ${tookMs} ms with ${code}`);
    if (code !== 0) expect(`${stdout}${stderr}`).toMatch(/silent|lost|reach/);
    expect(tookMs).toBeLessThan(code === 0 ? downMs + TOKENS * TOKEN_MS + STALL_MS : STALL_MS);
    // And afterwards it is reached again.
    const deadline = Date.now() + 60_000;
    while ((await ask('hidden:1b', 'are you back?')).code !== 0)
      if (Date.now() > deadline) throw new Error('not reached again within a minute');
  });

  it('another address in mid-stream: the answer goes on or ends honestly', async () => {
    const answer = ask('hidden:1b', 'hello');
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    networks.run(networks.homeA, 'ip', 'addr', 'del', '10.1.0.2/24', 'dev', 'eth0');
    networks.run(networks.homeA, 'ip', 'addr', 'add', '10.1.0.7/24', 'dev', 'eth0');
    networks.run(networks.homeA, 'ip', 'route', 'add', 'default', 'via', '10.1.0.1');
    const changedAtMs = Date.now();
    const { code } = await answer;
    const tookMs = Date.now() - changedAtMs;
    console.log(`address changed: ended after ${tookMs} ms with ${code}`);
    expect(tookMs).toBeLessThan(code === 0 ? TOKENS * TOKEN_MS + STALL_MS : STALL_MS);
    const deadline = Date.now() + 60_000;
    while ((await ask('hidden:1b', 'do you know my new address?')).code !== 0)
      if (Date.now() > deadline) throw new Error('not reached again within a minute');
  });
});
