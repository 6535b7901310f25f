import { existsSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { NODE_TIMING } from '../../app/idleclaw/node/giving.ts';
import { startFakeIdleClaw, type FakeIdleClaw, type FakeNode } from '../../app/idleclaw/testing/fake-idleclaw.ts';
import { chat, startTestGrid, until, type TestGrid, type TestGridOptions } from './test-grid.ts';

const QUICK = { ...NODE_TIMING, heartbeatMs: 200, loadMs: 20, nothingToShareMs: 200, recheckMs: 200 };

function node(hubs: readonly FakeIdleClaw[], options: Partial<TestGridOptions> = {}): Promise<TestGrid> {
  return startTestGrid({
    roles: 'both',
    sharing: 'switch',
    settings: { sharing: { on: true }, idleclaw: { contribute: true, servers: hubs.map(({ url }) => url) } },
    overrides: { nodeTiming: QUICK },
    ...options,
  });
}

const listedAt = (hub: FakeIdleClaw) => until(() => hub.listed.length === 1, 'the node is listed');
const lastNode = (hub: FakeIdleClaw) => hub.nodes.at(-1) as FakeNode;

/** Posts a chat as the web page of an IdleClaw server does. */
async function post(hub: FakeIdleClaw, part: object = {}): Promise<{ status: number; text: string; raw: string }> {
  const response = await fetch(`${hub.url}/api/chat`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }], think: false, ...part }),
  });
  const raw = await response.text();
  const deltas = [...raw.matchAll(/^data: (\{.*\})\r?$/gm)].map(
    ([, json = '']) => JSON.parse(json) as { choices: { delta: { content?: string } }[] },
  );
  return { status: response.status, raw, text: deltas.map(({ choices }) => choices[0]?.delta.content ?? '').join('') };
}

const framesOf = ({ frames }: FakeNode, type: string) => frames.filter((frame) => frame['type'] === type);

describe('a node of a server that behaves as the existing one', () => {
  it('registers what is shared, answers, and says nothing more than it must', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], {
      script: {
        models: [{ name: 'm', sizeBytes: 7 }, { name: 'mine' }, { name: 'sample', ownUseOnly: true }],
        tokens: ['Hel', 'lo ', '<b>'],
      },
      settings: {
        sharing: { on: true, unsharedModels: ['mine'] },
        worker: { concurrency: 20 },
        idleclaw: { contribute: true, servers: [hub.url] },
      },
    });
    await listedAt(hub);
    const listed = lastNode(hub);
    expect(listed.models).toEqual([{ name: 'm', size: 7 }]);
    expect(listed.maxConcurrent).toBe(10);
    expect(Object.keys(listed.frames[0] ?? {})).toEqual([
      'type',
      'node_id',
      'models',
      'max_concurrent',
      'ollama_version',
    ]);

    expect((await post(hub)).text).toBe('Hello <b>');
    // Nothing of the text is in the closing chunk, where the server would throw it away; counts never cross.
    const chunks = framesOf(listed, 'inference_chunk').map(({ chunk }) => chunk);
    expect(chunks.at(-1)).toEqual({ message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' });
    expect(JSON.stringify(chunks)).not.toContain('eval_count');
    // keep_alive:-1 came with the request, and went no further than this node.
    expect(JSON.stringify(home.engine.asked)).not.toContain('keep_alive');
    // The cancel after the completed chat harms nobody: the next one is answered too.
    expect((await post(hub)).text).toBe('Hello <b>');
    expect(home.engine.aborted).toBe(0);
  });

  it('gives: no entry, no credit, and a count for the owner', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub]);
    await listedAt(hub);
    await post(hub);
    await until(() => home.grid.snapshot().idleclaw.givenToday.requests === 1, 'it is counted');
    expect(home.grid.snapshot().idleclaw).toMatchObject({
      givenToday: { requests: 1, tokens: 9 },
      servers: [{ url: hub.url, state: 'contributing', given: { requests: 1, tokens: 9 } }],
    });
    const page = await home.books.page({ limit: 10, cursor: undefined, kind: undefined, search: undefined, peers: [] });
    expect(page.entries).toEqual([]);
    expect(home.grid.snapshot().today).toMatchObject({ earned: 0, spent: 0, given: 9 });
    expect(await home.grid.command('getOverview', { days: 7 })).toMatchObject({ given: 9, served: { jobs: 0 } });
  });

  it('deletes the count with everything else', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub]);
    await listedAt(hub);
    await post(hub);
    await until(() => home.grid.snapshot().idleclaw.givenToday.requests === 1, 'it is counted');
    await home.grid.command('deleteEverything', { confirmation: 'delete' });
    await home.grid.stop();
    expect(hub.listed).toEqual([]);
    expect(existsSync(join(home.home, 'idleclaw-given.json'))).toBe(false);
  });

  it('answers probes, which come before anybody asks', async () => {
    await using hub = await startFakeIdleClaw({ probes: true });
    await using _ = await node([hub]);
    await until(
      () => hub.nodes.some((listed) => framesOf(listed, 'inference_chunk').length === 3),
      'the probe is answered',
    );
    expect(String(framesOf(lastNode(hub), 'inference_chunk')[0]?.['request_id'])).toMatch(/^probe-/);
  });

  it('stops the engine at once when the one who asked leaves', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], { script: { tokens: Array(500).fill('x ') as string[], tokenDelayMs: 20 } });
    await listedAt(hub);
    const controller = new AbortController();
    const asking = fetch(`${hub.url}/api/chat`, {
      method: 'POST',
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
      signal: controller.signal,
    }).then((response) => response.text());
    await until(() => framesOf(lastNode(hub), 'inference_chunk').length > 2, 'it answers');
    controller.abort();
    await expect(asking).rejects.toThrow();
    await until(() => home.engine.aborted === 1, 'the engine stopped');
    await until(() => home.grid.snapshot().jobs.length === 0, 'nothing runs');
    expect(framesOf(lastNode(hub), 'inference_error')).toEqual([]);
  });

  it('refuses what is over the limits, what it did not register, and what is no request', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], { script: { models: [{ name: 'm' }] } });
    await listedAt(hub);
    const listed = lastNode(hub);
    const user = (content: string) => ({ role: 'user', content });
    const bad: unknown[] = [
      { model: 'other', messages: [user('x')] },
      { model: 'm', messages: Array.from({ length: 51 }, () => user('x')) },
      { model: 'm', messages: [user('x'.repeat(10_001))] },
      { model: 'm', messages: 'x' },
      null,
    ];
    bad.forEach((params, index) =>
      listed.send({ type: 'inference_request', request_id: `bad-${index}`, ollama_params: params }),
    );
    await until(() => framesOf(listed, 'inference_error').length === bad.length, 'each is refused');
    expect(new Set(framesOf(listed, 'inference_error').map(({ error }) => error))).toEqual(
      new Set(['invalid_request']),
    );
    expect(home.engine.asked).toEqual([]);

    // Junk is no reason to leave.
    for (const text of ['', 'no json', '[]', '{"type":"shutdown"}', '{"type":"inference_request"}'])
      listed.sendText(text);
    listed.send({ type: 'cancel_request', request_id: 'unknown' });
    expect((await post(hub)).text).toBe('Hello');
    expect(hub.nodes).toHaveLength(1);
  });

  it('tells of a failing engine in one word, and nothing of what it said', async () => {
    await using hub = await startFakeIdleClaw();
    await using _ = await node([hub], {
      script: { tokens: ['a', 'b'], failAfter: { tokens: 1, error: new Error('/home/me/secret') } },
    });
    await listedAt(hub);
    expect((await post(hub)).text).toBe('a\n\n[Error: ollama_error]');
    expect(JSON.stringify(lastNode(hub).frames)).not.toContain('secret');
  });

  it('shares its places with the grid, and says how many are free', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], {
      script: { tokens: Array(1000).fill('x') as string[], tokenDelayMs: 10 },
      // Its second word is an hour away: what is told before is told because something changed.
      overrides: { nodeTiming: { ...QUICK, heartbeatMs: 3_600_000 } },
    });
    await listedAt(hub);
    const controller = new AbortController();
    const own = fetch(`${home.grid.workerUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'grid' }], stream: true }),
      signal: controller.signal,
    }).then((response) => response.text());
    await until(() => lastNode(hub).heartbeats.at(-1)?.active_requests === 1, 'it says that it is busy');
    expect(lastNode(hub).heartbeats.at(-1)).toMatchObject({ available: 0 });
    // Only one place: the request of the hub waits until the grid's is over.
    const asked = post(hub);
    await until(() => home.grid.snapshot().jobs.some(({ phase }) => phase === 'queued'), 'it waits for its turn');
    expect(home.engine.asked).toHaveLength(1);
    expect(home.grid.snapshot().jobs.map((job) => job.with)).toContain(`IdleClaw ${new URL(hub.url).host}`);
    home.engine.script = { tokens: ['done'] };
    controller.abort();
    await expect(own).rejects.toThrow();
    expect((await asked).text).toBe('done');
    await until(() => lastNode(hub).heartbeats.at(-1)?.available === 1, 'it says that it is free again');
  });
});

describe('sharing is one switch', () => {
  it('a node of two servers answers both, and leaves both when sharing is switched off', async () => {
    await using one = await startFakeIdleClaw();
    await using other = await startFakeIdleClaw();
    await using home = await node([one, other], {
      script: { tokens: Array(500).fill('x') as string[], tokenDelayMs: 20 },
      settings: {
        sharing: { on: true },
        worker: { concurrency: 2 },
        idleclaw: { contribute: true, servers: [one.url, other.url] },
      },
    });
    await Promise.all([listedAt(one), listedAt(other)]);
    expect(lastNode(one).nodeId).not.toBe(lastNode(other).nodeId);
    const answers = [post(one), post(other)];
    for (const hub of [one, other])
      await until(() => framesOf(lastNode(hub), 'inference_chunk').length > 1, 'both are answered at the same time');

    const startedMs = performance.now();
    await home.grid.command('setSharing', { on: false });
    for (const hub of [one, other]) {
      await until(() => hub.listed.length === 0, 'it is unlisted');
      expect(lastNode(hub).closed).toEqual({ code: 1000, reason: 'sharing paused' });
      expect(framesOf(lastNode(hub), 'inference_error')).toMatchObject([{ error: 'ollama_unavailable' }]);
    }
    expect(performance.now() - startedMs).toBeLessThan(3_000);
    for (const answer of answers) expect((await answer).text).toMatch(/^x+\n\n\[Error: ollama_unavailable\]$/);
    expect(home.engine.aborted).toBe(2);
    expect(home.grid.snapshot().idleclaw.servers.map(({ state }) => state)).toEqual(['paused', 'paused']);

    await home.grid.command('setSharing', { on: true });
    await Promise.all([listedAt(one), listedAt(other)]);
    expect(one.nodes[0]?.nodeId).not.toBe(one.nodes[1]?.nodeId);
  });

  it('paused means unregistered, and the end of the pause means registered', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub]);
    await listedAt(hub);
    await home.grid.command('pauseSharing', { minutes: null });
    await until(() => hub.listed.length === 0, 'it is gone');
    await home.grid.command('resumeSharing', {});
    await listedAt(hub);
  });

  it('off opens no socket, whatever servers are in the list or the environment', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await startTestGrid({
      roles: 'both',
      env: { IDLECLAW_SERVER: hub.url },
      settings: { idleclaw: { servers: [hub.url] } },
      overrides: { nodeTiming: QUICK },
    });
    expect(home.grid.snapshot().idleclaw.servers).toMatchObject([{ url: hub.url, state: 'off' }]);
    await chat(home.api, { model: 'unknown' }); // the router, too, may not ask there
    expect(hub.upgrades).toBe(0);
    expect(hub.paths).toEqual([]);
    // … and the same home, switched on, does: the test would see a socket.
    await home.grid.command('setIdleClaw', { contribute: true });
    await listedAt(hub);
    await home.grid.command('setIdleClaw', { contribute: false });
    await until(() => hub.listed.length === 0, 'it is gone');
  });

  it('a model that is unticked is offered no longer', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], { script: { models: [{ name: 'm' }, { name: 'n' }] } });
    await listedAt(hub);
    await home.grid.command('setModelShared', { model: 'n', shared: false });
    await until(() => hub.listed.length === 1 && lastNode(hub).models.length === 1, 'it registers anew');
    await home.grid.command('setModelShared', { model: 'm', shared: false });
    await until(() => hub.listed.length === 0, 'with nothing to share it is not registered');
    await until(
      () => home.grid.snapshot().idleclaw.servers[0]?.sentence === 'There is no shared model to offer.',
      'and it says why',
    );
  });

  it('a stop lets the running answer end, and takes nothing new', async () => {
    await using hub = await startFakeIdleClaw();
    await using home = await node([hub], { script: { tokens: Array(20).fill('x') as string[], tokenDelayMs: 30 } });
    await listedAt(hub);
    const answer = post(hub);
    await until(() => framesOf(lastNode(hub), 'inference_chunk').length > 1, 'it answers');
    const stopped = home.grid.stop(10_000);
    await until(() => lastNode(hub).heartbeats.at(-1)?.available === 0, 'it says that it takes nothing new');
    lastNode(hub).send({
      type: 'inference_request',
      request_id: 'late',
      ollama_params: { model: 'm', messages: [{ role: 'user', content: 'x' }] },
    });
    expect((await answer).text).toBe('x'.repeat(20));
    await stopped;
    expect(lastNode(hub).closed?.code).toBe(1000);
    expect(framesOf(lastNode(hub), 'inference_error')).toMatchObject([
      { request_id: 'late', error: 'ollama_unavailable' },
    ]);
  });
});

describe('when a server goes away', () => {
  it('a node is back within 15 s of its return', async () => {
    const hub = await startFakeIdleClaw();
    const port = Number(new URL(hub.url).port);
    await using home = await node([hub]);
    await listedAt(hub);
    await hub.kill();
    await until(() => home.grid.snapshot().idleclaw.servers[0]?.state === 'waiting', 'it waits');
    expect(home.grid.snapshot().idleclaw.servers[0]?.sentence).toMatch(/^Not connected\. .+ tries again by itself\.$/);
    await until(async () => !(await answers(port)), 'nothing answers there');
    const backMs = performance.now();
    await using again = await startFakeIdleClaw({}, port);
    while (again.listed.length === 0 && performance.now() - backMs < 15_000)
      await new Promise((resolve) => setTimeout(resolve, 20));
    expect(again.listed).toHaveLength(1);
    expect((await post(again)).text).toBe('Hello');
  });

  it('a way to it that is dead is noticed without a word from anybody', async () => {
    await using hub = await startFakeIdleClaw({ answersPings: false });
    await using _ = await node([hub]);
    await until(() => hub.nodes.length > 1, 'it came back on a new connection');
    expect(hub.nodes[0]?.closed?.code).toBe(1006);
  });

  it('after too many connections a node waits as long as the server asks it to', async () => {
    await using hub = await startFakeIdleClaw({ socketsPerMinute: 0 });
    await using home = await node([hub]);
    await until(() => home.grid.snapshot().idleclaw.servers[0]?.state === 'waiting', 'it waits');
    expect(home.grid.snapshot().idleclaw.servers[0]?.sentence).toContain('only a few times a minute');
    expect(hub.upgrades).toBe(1);
  });

  it('a refusal is shown in the words of the server, and not tried again at once', async () => {
    await using hub = await startFakeIdleClaw({ refuse: 'too many nodes from this IP' });
    await using home = await node([hub]);
    await until(
      () => home.grid.snapshot().idleclaw.servers[0]?.sentence.includes('too many nodes from this IP') === true,
      'it says why',
    );
    expect(hub.upgrades).toBe(1);
  });
});

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
