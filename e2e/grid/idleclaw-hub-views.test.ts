import { describe, expect, it } from 'vitest';
import { healthSchema, modelsSchema } from '../../app/idleclaw/frames.ts';
import { ADMIN_KEY, ask, chat, startTestHub, type TestHub } from './idleclaw-test-hub.ts';
import { until } from './test-grid.ts';

const get = (hub: TestHub, path: string, headers: Record<string, string> = {}) =>
  ask(`${hub.url}${path}`, { headers }).answer;
const basic = `Basic ${Buffer.from(`me:${ADMIN_KEY}`).toString('base64')}`;

describe('what a hub tells', () => {
  it('GET /health', async () => {
    await using hub = await startTestHub();
    await hub.node();
    await hub.clock.advance(5_500);
    const { text } = await get(hub, '/health');
    expect(healthSchema.strict().parse(JSON.parse(text))).toEqual({
      status: 'healthy',
      uptime_seconds: 5,
      node_count: 1,
    });
  });

  it('GET /api/models: largest first, each once, with what some node can do', async () => {
    await using hub = await startTestHub();
    await hub.node({
      models: [
        { name: 'small', size: 1 },
        { name: 'large', size: 9 },
      ],
    });
    const offer = {
      version: 1,
      limits: { messages: 50, messageCharacters: 10_000 },
      capabilities: { small: { thinking: false, tool_calls: true } },
    };
    await hub.node({ models: [{ name: 'small', size: 1 }], headers: { 'x-lobstah-node': JSON.stringify(offer) } });
    const { text } = await get(hub, '/api/models');
    expect(modelsSchema.strict().parse(JSON.parse(text))).toEqual({
      models: ['large', 'small'],
      capabilities: { large: { thinking: false, tool_calls: false }, small: { thinking: false, tool_calls: true } },
    });
  });

  it('an offer that cannot be understood counts as none', async () => {
    await using hub = await startTestHub();
    await hub.node({ headers: { 'x-lobstah-node': '{"version":1,"limits":{"messages":-1}}' } });
    expect((await get(hub, '/health')).text).toContain('"node_count":1');
  });

  it('GET /metrics, with nothing about a person in it', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub, { messages: [{ role: 'user', content: 'a secret' }] });
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'ok' });
    node.end(id);
    await running.answer;
    node.send('junk');
    await node.next('error');
    const { text, headers } = await get(hub, '/metrics');
    expect(headers['content-type']).toContain('text/plain');
    for (const line of [
      'idleclaw_hub_nodes 1',
      'idleclaw_hub_answers_total{way="api",outcome="done"} 1',
      'idleclaw_hub_attempts_total{outcome="done"} 1',
      'idleclaw_hub_chunks_total 2',
      'idleclaw_hub_refusals_total{why="not JSON"} 1',
      'idleclaw_hub_first_chunk_seconds_count 1',
    ])
      expect(text).toContain(line);
    for (const secret of ['127.0.0.1', node.nodeId, 'secret']) expect(text).not.toContain(secret);
  });

  it('an unknown path is 404 in the shape existing clients know', async () => {
    await using hub = await startTestHub();
    const { status, text } = await get(hub, '/nope');
    expect(status).toBe(404);
    expect(JSON.parse(text)).toEqual({ detail: expect.stringContaining('There is nothing at GET /nope') as string });
  });
});

describe('the admin view', () => {
  it('wants a key, asks a browser for it, and is not there without one', async () => {
    await using hub = await startTestHub();
    const refused = await get(hub, '/admin');
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([
      401,
      expect.stringContaining('Basic') as string,
    ]);
    expect((await get(hub, '/admin/state', { authorization: 'Bearer wrong-wrong-wrong-wrong' })).status).toBe(401);
    await using off = await startTestHub({ adminKeys: undefined });
    expect((await get(off, '/admin')).status).toBe(404);
  });

  it('shows nodes, load, reputation and refusals, as a page without script and as JSON', async () => {
    await using hub = await startTestHub();
    const node = await hub.node({ maxConcurrent: 2 });
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.send('junk');
    await node.next('error');
    const page = await get(hub, '/admin', { authorization: basic });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    for (const text of [node.nodeId.slice(0, 8), '1 of 2', '50 %', 'not JSON']) expect(page.text).toContain(text);
    expect(page.text).not.toContain('<script');
    const state = await get(hub, '/admin/state', { authorization: `Bearer ${ADMIN_KEY}` });
    expect(JSON.parse(state.text)).toMatchObject({ runningRequests: 1, nodes: [{ active: 1, reputation: 0.5 }] });
    node.end(id);
    await running.answer;
  });

  it('writes what a node says about itself as text', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    node.send({
      type: 'register',
      node_id: node.nodeId,
      models: [{ name: 'm', size: 1 }],
      max_concurrent: 1,
      ollama_version: '<img src=x>',
    });
    await node.next('registered');
    const { text } = await get(hub, '/admin', { authorization: basic });
    expect(text).toContain('&lt;img src=x&gt;');
    expect(text).not.toContain('<img');
  });
});

describe('web pages', () => {
  it('of an origin that was named may call /api, others may not', async () => {
    await using hub = await startTestHub({ allowedOrigins: ['https://chat.example'] });
    const preflight = await ask(`${hub.url}/api/chat`, {
      method: 'OPTIONS',
      headers: { origin: 'https://chat.example' },
    }).answer;
    expect([preflight.status, preflight.headers['access-control-allow-origin']]).toEqual([204, 'https://chat.example']);
    const allowed = await get(hub, '/api/models', { origin: 'https://chat.example' });
    expect([allowed.status, allowed.headers['access-control-allow-origin']]).toEqual([200, 'https://chat.example']);
    const foreign = await get(hub, '/api/models', { origin: 'https://evil.example' });
    expect([foreign.status, foreign.headers['access-control-allow-origin']]).toEqual([403, undefined]);
    expect((await get(hub, '/health', { host: 'evil.example' })).status).toBe(403);
  });
});

describe('probes', () => {
  it('ask an idle node for a sign of life, then what its model can do, then leave it alone', async () => {
    await using hub = await startTestHub({ probes: true, limits: { evictAfterMs: 1e9 } });
    const node = await hub.node();
    await hub.clock.advance(1_000);
    const life = await node.nextRequest();
    expect(life.id).toMatch(/^probe-[0-9a-f-]{36}$/);
    expect(life.params).toMatchObject({ think: false, options: { num_predict: 1 } });
    node.end(life.id);
    await node.roundTrip();
    await hub.clock.advance(20_000);
    const tools = await node.nextRequest();
    expect(tools.params.tools).toHaveLength(1);
    node.end(tools.id);
    await node.roundTrip();
    await hub.clock.advance(20_000);
    const thinking = await node.nextRequest();
    expect(thinking.params.think).toBe(true);
    node.fail(thinking.id, 'ollama_error');
    await node.roundTrip();
    await hub.clock.advance(180_000);
    expect(node.untaken).toEqual([]);
    expect(JSON.parse((await get(hub, '/api/models')).text)).toMatchObject({
      capabilities: { m: { thinking: false, tool_calls: true } },
    });
  });
});

describe('a hub that drains', () => {
  it('takes nothing new, lets running answers end, then sends the nodes away with 1001', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'half ' });
    await until(() => running.text().includes('half'), 'the first words');
    const drained = hub.drain(60_000);
    expect((await chat(hub, {}, { from: '127.0.0.2' }).answer).status).toBe(503);
    await expect(hub.node({ from: '127.0.0.2' })).rejects.toMatchObject({ status: 503 });
    expect(node.isOpen).toBe(true);
    node.chunk(id, { content: 'whole' });
    node.end(id);
    expect((await running.answer).text).toContain('whole');
    expect(await node.closed).toEqual({ code: 1001, reason: 'server restarting' });
    await drained;
  });

  it('waits for no longer than it was told', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    await node.nextRequest();
    const drained = hub.drain(5_000);
    await hub.clock.advance(5_000);
    expect((await node.closed).code).toBe(1001);
    await drained;
    expect((await running.answer).text).toContain('[Error: ');
  });
});
