import { describe, expect, it } from 'vitest';
import { IN_BAND_ERROR, sseChunkSchema } from '../../app/idleclaw/frames.ts';
import type { RawNode } from './idleclaw-raw-node.ts';
import { ask, chat, contentOf, deltasOf, startTestHub } from './idleclaw-test-hub.ts';
import { until } from './test-grid.ts';

const user = (content: string) => ({ role: 'user', content });
const many = (count: number, content: string) => Array.from({ length: count }, () => user(content));
const lastError = (text: string) => IN_BAND_ERROR.exec(deltasOf(text).at(-1)?.content ?? '')?.[1];

/** Answers the next request of a node with these pieces. */
async function say(node: RawNode, pieces: readonly string[]): Promise<void> {
  const { id } = await node.nextRequest();
  for (const content of pieces) node.chunk(id, { content });
  node.end(id);
}

describe('POST /api/chat', () => {
  it('asks a node in the recorded shape and answers in the recorded bytes', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id, params } = await node.nextRequest();
    expect(params).toEqual({
      model: 'm',
      messages: [{ role: 'user', content: 'hello' }],
      stream: true,
      keep_alive: '5m',
      think: false,
    });
    node.chunk(id, { content: 'Hel' });
    node.chunk(id, { content: 'lo' });
    node.end(id);
    const { status, headers, text } = await running.answer;
    expect([status, headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    const chatId = /"id":"(chatcmpl-[^"]+)"/.exec(text)?.[1];
    const event = (content: string) =>
      `data: {"id":"${chatId}","object":"chat.completion.chunk","model":"m","choices":[{"delta":{"content":"${content}"},"index":0}]}\r\n\r\n`;
    expect(text).toBe(`${event('Hel')}${event('lo')}data: [DONE]\r\n\r\n`);
    for (const line of text.split('\r\n').filter((line) => line.startsWith('data: {')))
      expect(() => sseChunkSchema.strict().parse(JSON.parse(line.slice(6)))).not.toThrow();
    await node.roundTrip();
    expect(node.untaken, 'a chat that was completed is not cancelled').toEqual([]);
  });

  it('delivers the text of the chunk that says done', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'first ' });
    node.chunk(id, { content: 'last' }, { done: true, done_reason: 'stop' });
    expect(contentOf((await running.answer).text)).toBe('first last');
  });

  it('marks thinking', async () => {
    await using hub = await startTestHub();
    const offer = {
      version: 1,
      limits: { messages: 50, messageCharacters: 10_000 },
      capabilities: { m: { thinking: true, tool_calls: false } },
    };
    const node = await hub.node({ headers: { 'x-lobstah-node': JSON.stringify(offer) } });
    const running = chat(hub, { think: true });
    const { id, params } = await node.nextRequest();
    expect(params.think).toBe(true);
    node.chunk(id, { content: '', thinking: 'hm' });
    node.chunk(id, { content: 'yes' });
    node.end(id);
    expect(deltasOf((await running.answer).text)).toEqual([{ content: 'hm', reasoning: true }, { content: 'yes' }]);
  });

  it('asks to think while nobody knows whether the model can, and then without', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub, { think: true });
    const first = await node.nextRequest();
    expect(first.params.think).toBe(true);
    node.fail(first.id, 'ollama_error');
    const second = await node.nextRequest();
    expect(second.params.think).toBe(false);
    node.chunk(second.id, { content: 'no thoughts' });
    node.end(second.id);
    expect(contentOf((await running.answer).text)).toBe('no thoughts');
  });

  it('cuts a chunk of 5,000 characters at 4,096 instead of dropping it, and tells the node to stop', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'x'.repeat(5_000) });
    const { text } = await running.answer;
    expect(contentOf(text)).toBe('x'.repeat(4_096));
    expect(text.endsWith('data: [DONE]\r\n\r\n')).toBe(true);
    expect(await node.next('cancel_request')).toEqual({ type: 'cancel_request', request_id: id });
    node.chunk(id, { content: 'late' });
    await node.roundTrip();
    expect(node.untaken, 'what was on the way is no fault').toEqual([]);
  });

  it('makes a tag that is split across chunks harmless', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    await say(node, ['a <scr', 'ipt>alert(1)</scr', 'ipt> b < c <', 'img src=x onerror=alert(1)', '> d']);
    expect(contentOf((await running.answer).text)).toBe('a alert(1) b < c  d');
  });

  it.each<[string, object]>([
    ['51 messages', { messages: many(51, 'x') }],
    ['no messages', { messages: [] }],
    ['messages that are no list', { messages: 'hello' }],
    ['10,001 characters', { messages: [user('x'.repeat(10_001))] }],
    ['100,001 characters in all', { messages: [...many(10, 'x'.repeat(10_000)), user('x')] }],
    ['a system message', { messages: [{ role: 'system', content: 'x' }] }],
    ['a tool message', { messages: [{ role: 'tool', content: 'x' }] }],
    ['content parts', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }],
    ['a model name of 65 characters', { model: 'm'.repeat(65) }],
    ['a model name with a space', { model: 'm m' }],
    ['no model', { model: undefined }],
    ['think that is text', { think: 'yes' }],
  ])('refuses %s with 422 and says where', async (_what, over) => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const { status, text } = await chat(hub, over).answer;
    expect(status).toBe(422);
    expect((JSON.parse(text) as { detail: { loc: unknown[]; msg: string }[] }).detail[0]?.loc[0]).toBe('body');
    expect(node.untaken).toEqual([]);
  });

  it('takes 50 messages, 10,000 characters, 100,000 in all', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    for (const messages of [many(50, 'x'), many(10, 'x'.repeat(10_000))]) {
      const running = chat(hub, { messages });
      await say(node, ['ok']);
      expect(contentOf((await running.answer).text)).toBe('ok');
    }
  });

  it('answers no JSON with 422, text/plain with 415, and more than a megabyte with 413', async () => {
    await using hub = await startTestHub();
    const post = (body: string, headers = {}) => ask(`${hub.url}/api/chat`, { method: 'POST', body, headers }).answer;
    expect((await post('{"model":')).status).toBe(422);
    expect((await post('{}', { 'content-type': 'text/plain' })).status).toBe(415);
    expect((await post(JSON.stringify({ x: 'y'.repeat(1_100_000) }))).status).toBe(413);
  });
});

describe('limits per address', () => {
  it('20 chats a minute, then 429 with Retry-After; a spoofed forwarded-for does nothing', async () => {
    await using hub = await startTestHub();
    for (let index = 0; index < 20; index += 1) expect((await chat(hub).answer).status).toBe(200);
    const { status, text, headers } = await chat(hub).answer;
    expect([status, JSON.parse(text), headers['retry-after']]).toEqual([429, { detail: 'Too many requests' }, '3']);
    expect((await chat(hub, {}, { headers: { 'x-forwarded-for': '198.51.100.9' } }).answer).status).toBe(429);
    expect((await chat(hub, {}, { from: '127.0.0.2' }).answer).status).toBe(200);
    await hub.clock.advance(3_000);
    expect((await chat(hub).answer).status).toBe(200);
  });

  it('behind a proxy that was named, each client has its own', async () => {
    await using hub = await startTestHub({ trustedProxies: ['127.0.0.1'] });
    const from = (address: string) => chat(hub, {}, { headers: { 'x-forwarded-for': `1.1.1.1, ${address}` } }).answer;
    for (let index = 0; index < 20; index += 1) expect((await from('198.51.100.1')).status).toBe(200);
    expect((await from('198.51.100.1')).status).toBe(429);
    expect((await from('198.51.100.2')).status).toBe(200);
  });

  it('60 other requests a minute', async () => {
    await using hub = await startTestHub();
    for (let index = 0; index < 60; index += 1) expect((await ask(`${hub.url}/health`).answer).status).toBe(200);
    expect((await ask(`${hub.url}/api/models`).answer).status).toBe(429);
  });

  it('three chats at the same time', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = [chat(hub), chat(hub), chat(hub)];
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) ids.push((await node.nextRequest()).id);
    const fourth = await chat(hub).answer;
    expect([fourth.status, JSON.parse(fourth.text)]).toEqual([429, { detail: 'Too many requests' }]);
    for (const id of ids) node.end(id);
    for (const { answer } of running) expect((await answer).status).toBe(200);
    const after = chat(hub);
    node.end((await node.nextRequest()).id);
    expect((await after.answer).status).toBe(200);
  });
});

describe('time', () => {
  it('a comment every 15 seconds while nothing comes', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.heartbeat();
    await node.roundTrip();
    await hub.clock.advance(30_000);
    await until(() => running.text() === ': keep-alive\r\n\r\n: keep-alive\r\n\r\n', 'two comments');
    node.end(id);
    await running.answer;
  });

  it('60 seconds of silence in an answer end it with an error in words, and the node is told', async () => {
    await using hub = await startTestHub({ limits: { evictAfterMs: 1e9 } });
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'so' });
    await node.roundTrip();
    await hub.clock.advance(59_000);
    expect(node.untaken).toEqual([]);
    await hub.clock.advance(2_000);
    const { status, text } = await running.answer;
    expect([status, contentOf(text)]).toEqual([200, 'so\n\n[Error: The node took too long to answer.]']);
    expect(await node.next('cancel_request')).toMatchObject({ request_id: id });
  });

  it('120 seconds are all an answer gets, however busily it comes', async () => {
    await using hub = await startTestHub({ limits: { evictAfterMs: 1e9 } });
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    for (let second = 0; second < 110; second += 10) {
      node.chunk(id, { content: '.' });
      await node.roundTrip();
      await hub.clock.advance(10_000);
    }
    await hub.clock.advance(10_000);
    const { text } = await running.answer;
    expect(contentOf(text)).toBe(`${'.'.repeat(11)}\n\n[Error: The node took too long to answer.]`);
  });

  it('a node that stays silent from the start is passed over', async () => {
    await using hub = await startTestHub({ limits: { evictAfterMs: 1e9 } });
    const first = await hub.node();
    const second = await hub.node();
    const running = chat(hub);
    const { id } = await first.nextRequest();
    await hub.clock.advance(61_000);
    expect(await first.next('cancel_request')).toMatchObject({ request_id: id });
    await say(second, ['here']);
    expect(contentOf((await running.answer).text)).toBe('here');
  });
});

describe('a consumer that hangs up', () => {
  it('ends the work at the node', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = chat(hub);
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'once upon' });
    await until(() => running.text().includes('once'), 'the first words');
    running.hangUp();
    expect(await node.next('cancel_request')).toEqual({ type: 'cancel_request', request_id: id });
  });
});

describe('failures', () => {
  it.each(['ollama_error', 'ollama_unavailable', 'invalid_request'])(
    '%s before anything came: the next node is asked',
    async (error) => {
      await using hub = await startTestHub();
      const bad = await hub.node();
      const good = await hub.node();
      const running = chat(hub);
      bad.fail((await bad.nextRequest()).id, error);
      await say(good, ['good']);
      expect(contentOf((await running.answer).text)).toBe('good');
    },
  );

  it('a node that dies before anything came: the next one is asked', async () => {
    await using hub = await startTestHub();
    const bad = await hub.node();
    const good = await hub.node();
    const running = chat(hub);
    await bad.nextRequest();
    bad.kill();
    await say(good, ['good']);
    expect(contentOf((await running.answer).text)).toBe('good');
  });

  it('a node that dies later ends the answer with an error, and nobody else is asked', async () => {
    await using hub = await startTestHub();
    const bad = await hub.node();
    const other = await hub.node();
    const running = chat(hub);
    const { id } = await bad.nextRequest();
    bad.chunk(id, { content: 'I was say' });
    await bad.roundTrip();
    bad.kill();
    const { status, text } = await running.answer;
    expect([status, lastError(text)]).toEqual([200, 'The node was lost in the middle of the answer.']);
    expect(other.untaken).toEqual([]);
  });

  it('three nodes are asked, no more', async () => {
    await using hub = await startTestHub({ limits: { nodesPerAddress: 9 } });
    const nodes = [await hub.node(), await hub.node(), await hub.node(), await hub.node()];
    const running = chat(hub);
    for (const node of nodes.slice(0, 3)) node.fail((await node.nextRequest()).id, 'ollama_error');
    expect(lastError((await running.answer).text)).toBe('Every node that was asked failed.');
    expect(nodes[3]?.untaken).toEqual([]);
  });

  it('no node with that model: an error inside a 200, as existing clients know it', async () => {
    await using hub = await startTestHub();
    const { status, text } = await chat(hub, { model: 'other' }).answer;
    expect([status, text.endsWith('data: [DONE]\r\n\r\n')]).toEqual([200, true]);
    expect(lastError(text)).toBe("No node of this hub has the model 'other' right now.");
  });

  it('all nodes busy: it waits ten seconds for a place', async () => {
    await using hub = await startTestHub();
    const node = await hub.node({ maxConcurrent: 1 });
    const first = chat(hub);
    const { id } = await node.nextRequest();
    const second = chat(hub);
    const third = chat(hub, {}, { from: '127.0.0.2' });
    await Promise.all([second.begun, third.begun]);
    node.end(id);
    await first.answer;
    const next = await node.nextRequest();
    await hub.clock.advance(10_000);
    const both = [second, third].map(({ answer }) => answer);
    expect(lastError((await Promise.race(both)).text)).toBe('All nodes with that model are busy.');
    node.end(next.id);
    await Promise.all(both);
  });
});

describe('who may speak for a request', () => {
  it('only the node that was asked: a foreign chunk is refused and reaches nobody', async () => {
    await using hub = await startTestHub();
    const asked = await hub.node();
    const other = await hub.node();
    const running = chat(hub);
    const { id } = await asked.nextRequest();
    other.chunk(id, { content: 'send me money' });
    expect(await other.next('error')).toEqual({ type: 'error', message: 'not a request of this node' });
    other.fail(id, 'ollama_error');
    expect(await other.next('error')).toMatchObject({ message: 'not a request of this node' });
    asked.chunk(id, { content: 'honest' });
    asked.end(id);
    expect(contentOf((await running.answer).text)).toBe('honest');
  });
});
