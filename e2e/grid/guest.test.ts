import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import type { Signals } from '../../app/sharing/signals.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { outsideSocketsOf } from './outside-sockets-of.ts';
import { chat, until } from './test-grid.ts';

/** Nobody at the machine for an hour, on mains. */
const IDLE: Signals = { idleSeconds: 3_600, screenLocked: false, onBattery: false, memoryPressure: 'normal' };
const WORDS = 2_000;

interface Machine {
  readonly home: string;
  readonly env: Record<string, string>;
  show(signals: Signals): void;
}

/** A home whose signals are what the test says. */
function machine(ollamaUrl: string, settings: object = {}): Machine {
  const home = createHome();
  const file = join(home, 'signals.json');
  const show = (signals: Signals) => writeFileSync(file, JSON.stringify(signals));
  show(IDLE);
  writeFileSync(join(home, 'settings.json'), JSON.stringify(settings));
  return {
    home,
    show,
    env: { OLLAMA_HOST: ollamaUrl, LOBSTAH_ENGINE: 'ollama', LOBSTAH_TEST_SIGNALS: file },
  };
}

/** A router of somebody else, who knows these workers. */
function startAsker(workers: readonly LobstahProcess[]): Promise<LobstahProcess> {
  const home = createHome();
  writeFileSync(
    join(home, 'peers.json'),
    JSON.stringify(workers.map(({ pubkey, workerUrl }) => ({ pubkey, url: workerUrl }))),
  );
  return startLobstah(['router', 'start'], { home, env: { LOBSTAH_ENGINE: 'sample' } });
}

const capacity = async ({ workerUrl }: LobstahProcess) =>
  (await (await fetch(`${workerUrl}/capacity`)).json()) as Record<string, unknown>;

async function entries(home: string) {
  const { stdout } = await runLobstah(['receipts', '--json'], { home });
  return (
    JSON.parse(stdout) as { entries: { jobId: string; kind: string; inputTokens: number; outputTokens: number }[] }
  ).entries;
}

async function sharing(home: string, ...args: string[]) {
  const { stdout, stderr } = await runLobstah(['sharing', ...args, '--json'], { home });
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as {
    on: boolean;
    phase: string;
    state: string;
    sentence: string;
    reasons: { code: string }[];
  };
}

describe('the owner comes back', () => {
  it('in the middle of an answer: the engine stops within a second, the client is told why, both books agree', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: WORDS, tokenDelayMs: 20 });
    const mac = machine(ollama.url);
    const worker = await startLobstah(['worker', 'start'], mac);
    const asker = await startAsker([worker]);
    const answer = chat(`${asker.routerUrl}/v1`);
    // Long enough for the polling to be that of a machine that serves.
    await until(() => ollama.running === 1, 'the engine works for somebody');
    await new Promise((resolve) => setTimeout(resolve, 700));

    mac.show({ ...IDLE, idleSeconds: 0 });
    const inputAtMs = performance.now();
    const { error, content, done } = await answer;
    await until(() => ollama.running === 0, 'the engine stopped');
    const tookMs = (ollama.abortedAtMs ?? Infinity) - inputAtMs;
    console.log(`input → the engine's work ended: ${Math.round(tookMs)} ms`);
    expect(tookMs).toBeLessThanOrEqual(1_000);

    expect(content.length).toBeGreaterThan(0);
    expect(done).toBe(false);
    expect(error).toMatchObject({ code: 'peer_lost', reason: 'owner_back' });
    expect(error?.message).toContain('The owner of the peer needs the machine again');
    // Nothing but the word leaves the machine: not that there was input, and not how long ago.
    const told = await capacity(worker);
    expect(told).toMatchObject({ sharing: 'paused', models: [] });
    expect(JSON.stringify(told)).not.toMatch(/idle|input|in-use|battery|locked|reason/i);

    await until(async () => (await entries(asker.home)).length === 1, 'the part was entered');
    const [paid] = await entries(asker.home);
    const [earned] = await entries(mac.home);
    expect(paid).toMatchObject({ kind: 'asked', outputTokens: earned?.outputTokens, inputTokens: earned?.inputTokens });
    expect(earned).toMatchObject({ kind: 'served', jobId: paid?.jobId });
    expect(earned?.outputTokens).toBeGreaterThan(0);
    expect(earned?.outputTokens).toBeLessThan(WORDS);
    await Promise.all([worker.stop(), asker.stop()]);
  });

  it('before anything was shown: another peer answers, and nobody notices', async () => {
    await using slow = await startFakeOllama({ models: [{ name: 'm' }], tokens: [' slow'], firstTokenDelayMs: 20_000 });
    await using quick = await startFakeOllama({ models: [{ name: 'm' }], tokens: [' quick'] });
    const first = machine(slow.url);
    const second = machine(quick.url, { worker: { tier: 'batch' } });
    const workers = await Promise.all([first, second].map((each) => startLobstah(['worker', 'start'], each)));
    const asker = await startAsker(workers);
    const answer = chat(`${asker.routerUrl}/v1`);
    await until(() => slow.running === 1, 'the first was asked');
    first.show({ ...IDLE, screenLocked: false, idleSeconds: 1 });
    expect(await answer).toMatchObject({ status: 200, content: ' quick', done: true });
    expect(await entries(first.home)).toEqual([]);
    await Promise.all([...workers, asker].map((each) => each.stop()));
  });

  it('and lets others finish: what runs ends in peace, nothing new is taken', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 60, tokenDelayMs: 30 });
    const mac = machine(ollama.url, { sharing: { rules: { whenBack: 'finish', finishSeconds: 30 } } });
    const worker = await startLobstah(['worker', 'start'], mac);
    const asker = await startAsker([worker]);
    const answer = chat(`${asker.routerUrl}/v1`);
    await until(() => ollama.running === 1, 'the engine works for somebody');
    mac.show({ ...IDLE, idleSeconds: 0 });
    await until(async () => (await capacity(worker))['sharing'] === 'paused', 'the gate closed');
    expect(await answer).toMatchObject({ status: 200, done: true });
    expect((await chat(`${worker.workerUrl}/v1`)).error).toMatchObject({ type: 'not_sharing' });
    await Promise.all([worker.stop(), asker.stop()]);
  });
});

describe('the owner and the engine', () => {
  it("the owner's prompt ends what runs for others, and has the engine", async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: WORDS, tokenDelayMs: 20 });
    const mac = machine(ollama.url, { sharing: { on: true } });
    const up = await startLobstah(['up'], mac);
    const asker = await startAsker([up]);
    const remote = chat(`${asker.routerUrl}/v1`);
    await until(() => ollama.running === 1, 'the engine works for somebody');
    ollama.script.tokens = [' mine'];
    expect(await chat(`${up.routerUrl}/v1`)).toMatchObject({ status: 200, content: ' mine', done: true });
    // Whether a part of the answer was shown by then is a matter of milliseconds.
    expect(['peer_lost', 'all_peers_failed']).toContain((await remote).error?.code);
    expect(ollama.aborted).toBe(1);
    const status = await sharing(mac.home, 'status');
    expect(status).toMatchObject({ phase: 'waiting', state: 'paused', reasons: [{ code: 'owner-prompt' }] });
    await Promise.all([up.stop(), asker.stop()]);
  });

  it('another program that uses Ollama stops the work for others within two seconds', async () => {
    await using ollama = await startFakeOllama({
      models: [{ name: 'm' }, { name: 'other' }],
      tokens: WORDS,
      tokenDelayMs: 20,
    });
    const mac = machine(ollama.url, { sharing: { on: true } });
    const up = await startLobstah(['up'], mac);
    const asker = await startAsker([up]);
    const remote = chat(`${asker.routerUrl}/v1`);
    await until(() => ollama.running === 1, 'the engine works for somebody');
    const looks = () => ollama.requests.filter(({ path }) => path === '/api/ps').length;
    const before = looks();
    await until(() => looks() > before + 2, 'its neighbours are watched');
    const usedAtMs = performance.now();
    await fetch(`${ollama.url}/api/chat`, { method: 'POST', body: JSON.stringify({ model: 'other', messages: [] }) });
    expect(await remote).toMatchObject({ error: { code: 'peer_lost', reason: 'owner_back' } });
    const tookMs = (ollama.abortedAtMs ?? Infinity) - usedAtMs;
    console.log(`another program's use → the engine's work for others ended: ${Math.round(tookMs)} ms`);
    // Looked at once a second.
    expect(tookMs).toBeLessThan(3_000);
    expect(await sharing(mac.home, 'status')).toMatchObject({ reasons: [{ code: 'engine-in-use' }] });
    await Promise.all([up.stop(), asker.stop()]);
  });
});

describe('the owner says so', () => {
  it('drain ends after the running answer and is taken back; a pause survives a restart; everything agrees', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 150, tokenDelayMs: 30 });
    const mac = machine(ollama.url, { sharing: { on: true } });
    let up = await startLobstah(['up'], mac);
    const asker = await startAsker([up]);
    const answer = chat(`${asker.routerUrl}/v1`);
    await until(() => ollama.running === 1, 'the engine works for somebody');
    expect(await sharing(mac.home, 'status')).toMatchObject({ phase: 'serving', state: 'serving', reasons: [] });
    expect((await capacity(up))['sharing']).toBe('busy');

    expect(await sharing(mac.home, 'drain')).toMatchObject({ phase: 'draining', reasons: [{ code: 'draining' }] });
    expect((await capacity(up))['sharing']).toBe('paused');
    expect(await answer).toMatchObject({ status: 200, done: true });
    await until(async () => (await sharing(mac.home, 'status')).phase === 'paused', 'it stopped after the last answer');
    expect(await sharing(mac.home, 'status')).toMatchObject({ on: true, reasons: [{ code: 'drained' }] });
    expect(await sharing(mac.home, 'pause', 'resume')).toMatchObject({ phase: 'ready', state: 'ready' });
    expect((await capacity(up))['sharing']).toBe('ready');

    expect(await sharing(mac.home, 'pause', '1h')).toMatchObject({ phase: 'paused', state: 'paused' });
    const status = await runLobstah(['status', '--json'], { home: mac.home });
    expect(status.stdout).toContain('Paused by you until');
    await up.stop();
    up = await startLobstah(['up'], mac);
    expect(await sharing(mac.home, 'status')).toMatchObject({ phase: 'paused', reasons: [{ code: 'paused-until' }] });
    expect((await capacity(up))['sharing']).toBe('paused');

    const refused = await runLobstah(['sharing', 'pause', 'until-charged'], { home: mac.home });
    expect(refused.stderr).toContain('No battery is seen here');
    mac.show({ ...IDLE, onBattery: true, chargePercent: 40 });
    expect(await sharing(mac.home, 'pause', 'until-charged')).toMatchObject({
      reasons: [{ code: 'paused-until-charged' }],
    });
    await Promise.all([up.stop(), asker.stop()]);
  });

  it('rules are shown, set and refused in words, and hold at once', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }] });
    const mac = machine(ollama.url, { sharing: { on: true } });
    const up = await startLobstah(['up'], mac);
    const run = (...args: string[]) => runLobstah(['sharing', ...args], { home: mac.home });
    expect((await run('show')).stdout).toMatch(/idleMinutes +3 /);
    expect((await run('set', 'idleMinutes', '90')).stdout).toContain('idleMinutes is 90.');
    expect(await sharing(mac.home, 'status')).toMatchObject({ phase: 'waiting', reasons: [{ code: 'in-use' }] });
    expect((await run('set', 'idleMinutes', 'default')).stdout).toContain('idleMinutes is 3.');
    const wrong = await run('set', 'schedule', 'sometimes');
    expect(wrong).toMatchObject({ code: 2 });
    expect(wrong.stderr).toContain('mon-fri 22:00-07:00');
    expect(JSON.parse(readFileSync(join(mac.home, 'settings.json'), 'utf8'))).toMatchObject({
      sharing: { rules: { idleMinutes: 3 } },
    });
    await up.stop();
  });

  it.runIf(process.platform === 'linux')('off opens no socket, and offline closes the door', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }] });
    const off = machine(ollama.url);
    const up = await startLobstah(['up'], off);
    const asked = ollama.requests.filter(({ path }) => path === '/api/ps').length;
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    expect(outsideSocketsOf([String(up.child.pid)])).toEqual([]);
    expect(ollama.requests.filter(({ path }) => path === '/api/ps')).toHaveLength(asked);
    await up.stop();

    const open = machine(ollama.url);
    const args = ['worker', 'start', '--host', '0.0.0.0', '--allow-host', 'example.test', '--port', '0'];
    const worker = await startLobstah(args, open);
    const sockets = () => outsideSocketsOf([String(worker.child.pid)]);
    // The counter sees what is there.
    expect(sockets()).toHaveLength(1);
    writeFileSync(join(open.home, 'settings.json'), JSON.stringify({ sharing: { offline: true } }));
    await until(() => sockets().length === 0, 'the door is closed');
    writeFileSync(join(open.home, 'settings.json'), JSON.stringify({ sharing: { offline: false } }));
    await until(
      async () => (await fetch(`${worker.workerUrl}/pubkey`).catch(() => undefined))?.ok === true,
      'open again',
    );
    await worker.stop();
  });
});
