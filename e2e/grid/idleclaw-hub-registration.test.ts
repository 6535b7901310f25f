import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { RawNode } from './idleclaw-raw-node.ts';
import { ADMIN_KEY, ask, chat, contentOf, startTestHub, type TestHub } from './idleclaw-test-hub.ts';
import { until } from './test-grid.ts';

const nodeCount = async (hub: TestHub) =>
  (JSON.parse((await ask(`${hub.url}/health`).answer).text) as { node_count: number }).node_count;
const adminState = async (hub: TestHub) =>
  JSON.parse(
    (await ask(`${hub.url}/admin/state`, { headers: { authorization: `Bearer ${ADMIN_KEY}` } }).answer).text,
  ) as {
    nodes: { nodeId: string; maxConcurrent: number; active: number; availability: number }[];
    refusals: Record<string, number>;
  };

const good = (over: object = {}) => ({
  type: 'register',
  node_id: randomUUID(),
  models: [{ name: 'm', size: 1 }],
  max_concurrent: 1,
  ollama_version: '0.17.4',
  ...over,
});
const models = (count: number) => Array.from({ length: count }, (_, index) => ({ name: `m${index}`, size: index }));

describe('a hub registers a node', () => {
  it('and answers what the wire says, no more', async () => {
    await using hub = await startTestHub();
    const node = await RawNode.open(hub.url);
    node.sayHello();
    expect(await node.next('registered')).toEqual({ type: 'registered', node_id: node.nodeId });
    expect(await nodeCount(hub)).toBe(1);
    node.kill();
  });

  it.each<[string, object, string]>([
    [
      'something else first',
      { type: 'heartbeat', node_id: randomUUID(), active_requests: 0, available: 1 },
      'expected register message',
    ],
    ['an unknown type first', { type: 'hello' }, 'expected register message'],
    ['a node_id that is no uuid', good({ node_id: 'me' }), 'invalid node_id'],
    ['no node_id', good({ node_id: undefined }), 'invalid node_id'],
    ['no models', good({ models: [] }), 'no models provided'],
    ['models that are no list', good({ models: 'm' }), 'no models provided'],
    ['21 models', good({ models: models(21) }), 'too many models'],
    ['a model name of 65 characters', good({ models: [{ name: 'm'.repeat(65), size: 1 }] }), 'invalid model name'],
    ['a model name with markup', good({ models: [{ name: '<b>', size: 1 }] }), 'invalid model name'],
    ['a model without a name', good({ models: [{ size: 1 }] }), 'invalid model name'],
  ])('or closes with 1008 for %s', async (_what, frame, reason) => {
    await using hub = await startTestHub();
    const node = await RawNode.open(hub.url);
    node.send(frame);
    expect(await node.closed).toEqual({ code: 1008, reason });
    expect(await nodeCount(hub)).toBe(0);
    expect((await adminState(hub)).refusals[reason]).toBe(1);
  });

  it('with 20 models, and a name of 64 characters', async () => {
    await using hub = await startTestHub();
    await hub.node({ models: [...models(19), { name: 'm'.repeat(64), size: 1 }] });
    expect(await nodeCount(hub)).toBe(1);
  });

  it('or closes with 1008 after ten seconds of silence', async () => {
    await using hub = await startTestHub();
    const node = await RawNode.open(hub.url);
    await hub.clock.advance(9_999);
    expect(node.isOpen).toBe(true);
    await hub.clock.advance(1);
    expect(await node.closed).toEqual({ code: 1008, reason: 'registration timeout' });
  });

  it('after junk, which is answered and harms nothing', async () => {
    await using hub = await startTestHub();
    const node = await RawNode.open(hub.url);
    node.send('{nonsense');
    expect(await node.next('error')).toMatchObject({ message: 'not JSON' });
    node.sayHello();
    await node.next('registered');
    node.kill();
  });

  it.each([
    [0, 1],
    [-5, 1],
    [3.7, 3],
    [10, 10],
    [1000, 10],
    ['many', 1],
  ])('and clamps max_concurrent %j to %i', async (said, counted) => {
    await using hub = await startTestHub();
    const node = await RawNode.open(hub.url);
    node.send(good({ max_concurrent: said }));
    await node.next('registered');
    expect((await adminState(hub)).nodes[0]?.maxConcurrent).toBe(counted);
    node.kill();
  });

  it('three from one address, each by itself; the fourth is told, and nobody is evicted for it', async () => {
    await using hub = await startTestHub();
    const nodes = [await hub.node(), await hub.node(), await hub.node()];
    const fourth = await RawNode.open(hub.url);
    fourth.sayHello();
    expect(await fourth.closed).toEqual({ code: 1008, reason: 'too many nodes from this IP' });
    expect(nodes.every(({ isOpen }) => isOpen)).toBe(true);
    await hub.node({ from: '127.0.0.2' });
    expect(await nodeCount(hub)).toBe(4);
  });

  it('and one whose connection died without a word does not keep its place', async () => {
    await using hub = await startTestHub();
    await hub.node();
    await hub.node();
    await hub.node({ autoPong: false });
    const fourth = await RawNode.open(hub.url);
    fourth.sayHello();
    await fourth.roundTrip();
    await hub.clock.advance(3_000);
    await fourth.next('registered');
    expect(await nodeCount(hub)).toBe(3);
    fourth.kill();
  });

  it('five sockets a minute and address; the sixth gets 429, another address does not', async () => {
    await using hub = await startTestHub();
    const sockets: RawNode[] = [];
    for (let index = 0; index < 5; index += 1) sockets.push(await RawNode.open(hub.url));
    await expect(RawNode.open(hub.url)).rejects.toMatchObject({ status: 429, headers: { 'retry-after': '12' } });
    sockets.push(await RawNode.open(hub.url, { from: '127.0.0.2' }));
    await expect(
      RawNode.open(hub.url, { headers: { 'x-forwarded-for': '198.51.100.7' } }),
      'a spoofed forwarded-for does nothing',
    ).rejects.toMatchObject({ status: 429 });
    await hub.clock.advance(12_000);
    sockets.push(await RawNode.open(hub.url));
    for (const socket of sockets) socket.kill();
  });

  it('no web page, no other path, no foreign Host', async () => {
    await using hub = await startTestHub();
    await expect(RawNode.open(hub.url, { headers: { origin: 'https://evil.example' } })).rejects.toMatchObject({
      status: 403,
    });
    await expect(RawNode.open(hub.url, { headers: { host: 'evil.example' } })).rejects.toMatchObject({ status: 403 });
    await expect(RawNode.open(`${hub.url}/other`)).rejects.toMatchObject({ status: 404 });
  });
});

describe('a node_id', () => {
  it('that registers again stays listed, and works, when its old socket goes', async () => {
    await using hub = await startTestHub();
    const old = await hub.node();
    const renewed = await hub.node({ nodeId: old.nodeId });
    expect(await old.closed).toEqual({ code: 1000, reason: 'replaced by a newer connection' });
    await renewed.roundTrip();
    expect(await nodeCount(hub)).toBe(1);
    const running = chat(hub);
    const { id } = await renewed.nextRequest();
    renewed.chunk(id, { content: 'here' });
    renewed.end(id);
    expect(contentOf((await running.answer).text)).toBe('here');
  });

  it('registered on the same socket again tells of other models', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    node.sayHello({ models: [{ name: 'other', size: 5 }] });
    await node.next('registered');
    expect(JSON.parse((await ask(`${hub.url}/api/models`).answer).text)).toMatchObject({ models: ['other'] });
    node.send(good());
    expect(await node.next('error')).toMatchObject({ message: 'not the node_id of this node' });
    expect(await nodeCount(hub)).toBe(1);
  });

  it('cannot be taken from another address while its holder lives', async () => {
    await using hub = await startTestHub();
    const holder = await hub.node();
    const thief = await RawNode.open(hub.url, { nodeId: holder.nodeId, from: '127.0.0.2' });
    thief.sayHello();
    expect(await thief.closed).toEqual({ code: 1008, reason: 'node_id already registered' });
    expect([holder.isOpen, await nodeCount(hub)]).toEqual([true, 1]);
  });

  it('moves to another address when its holder no longer answers', async () => {
    await using hub = await startTestHub();
    const dead = await hub.node({ autoPong: false });
    const moved = await RawNode.open(hub.url, { nodeId: dead.nodeId, from: '127.0.0.2' });
    moved.sayHello();
    await moved.roundTrip();
    await hub.clock.advance(3_000);
    await moved.next('registered');
    expect(await nodeCount(hub)).toBe(1);
    moved.kill();
  });
});

describe('heartbeats', () => {
  it('keep a node; 45 seconds without close it with 1000', async () => {
    await using hub = await startTestHub();
    const silent = await hub.node();
    const alive = await hub.node();
    for (let second = 15; second <= 45; second += 15) {
      alive.heartbeat();
      await alive.roundTrip();
      await hub.clock.advance(15_000);
    }
    expect(await silent.closed).toEqual({ code: 1000, reason: 'heartbeat timeout' });
    expect([alive.isOpen, await nodeCount(hub)]).toEqual([true, 1]);
  });

  it('of somebody else are refused and set nothing', async () => {
    await using hub = await startTestHub();
    const victim = await hub.node();
    const other = await hub.node();
    other.heartbeat({ node_id: victim.nodeId, active_requests: 9, available: 0 });
    expect(await other.next('error')).toMatchObject({ message: 'not the node_id of this node' });
    const state = (await adminState(hub)).nodes.find(({ nodeId }) => nodeId === victim.nodeId);
    expect(state).toMatchObject({ active: 0, availability: 1 });
  });

  it('say what a node does for others, and it gets no more than it has places for', async () => {
    await using hub = await startTestHub();
    const full = await hub.node({ maxConcurrent: 2 });
    full.heartbeat({ active_requests: 2, available: 0 });
    await full.roundTrip();
    const running = chat(hub);
    await running.begun;
    await full.roundTrip();
    expect(full.untaken).toEqual([]);
    full.heartbeat({ active_requests: 1, available: 1 });
    const { id } = await full.nextRequest();
    full.end(id);
    expect((await running.answer).status).toBe(200);
  });
});

describe('junk', () => {
  it.each<[string, string | Buffer, string]>([
    ['no JSON', 'not json', 'not JSON'],
    ['an array', '[1]', 'not an object'],
    ['null', 'null', 'not an object'],
    ['binary', Buffer.from('{}'), 'not text'],
    ['an unknown type', '{"type":"surprise"}', 'unknown type'],
    ['no type', '{}', 'unknown type'],
    ['a heartbeat without load', '{"type":"heartbeat","node_id":"x"}', 'not a heartbeat'],
    [
      'a chunk without a request',
      '{"type":"inference_chunk","chunk":{"message":{"content":"x"}}}',
      'request_id is missing',
    ],
    ['a chunk without a chunk', '{"type":"inference_chunk","request_id":"x"}', 'chunk is missing'],
    [
      'content that is a number',
      '{"type":"inference_chunk","request_id":"x","chunk":{"message":{"content":7}}}',
      'content is no string',
    ],
    [
      'tool calls that are text',
      '{"type":"inference_chunk","request_id":"x","chunk":{"message":{"tool_calls":"ls"}}}',
      'tool_calls are not in their form',
    ],
  ])('(%s) is answered with an error, and the socket lives', async (_what, frame, message) => {
    await using hub = await startTestHub();
    const node = await hub.node();
    if (typeof frame === 'string') node.send(frame);
    else node.sendBinary(frame);
    expect(await node.next('error')).toEqual({ type: 'error', message });
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'fine' });
    node.end(id);
    expect(contentOf((await running.answer).text)).toBe('fine');
  });

  it('without end is answered thirty times a minute, then ignored', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    for (let index = 0; index < 100; index += 1) node.send('junk');
    await node.roundTrip();
    expect(node.untaken).toHaveLength(30);
    expect(node.isOpen).toBe(true);
  });

  it('of over a megabyte closes the socket with 1009', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    node.send(`"${'x'.repeat(1_100_000)}"`);
    expect((await node.closed).code).toBe(1009);
    await until(async () => (await nodeCount(hub)) === 0, 'the node is gone');
  });
});
