import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { openclawBody } from '../bodies/openclaw-body.ts';
import type { RawNode } from './idleclaw-raw-node.ts';
import { ask, startTestHub, V1_KEY, type TestHub } from './idleclaw-test-hub.ts';
import { until } from './test-grid.ts';

const key = { authorization: `Bearer ${V1_KEY}` };
const post = (hub: TestHub, body: object = {}, headers: Record<string, string> = key) =>
  ask(`${hub.url}/v1/chat/completions`, {
    body: { model: 'm', messages: [{ role: 'user', content: 'hello' }], ...body },
    headers,
  });
const codeOf = (text: string) => (JSON.parse(text) as { error: { code: string } }).error.code;
const client = (hub: TestHub) => new OpenAI({ baseURL: `${hub.url}/v1`, apiKey: V1_KEY, maxRetries: 0 });

/** A node of ours: it says that it takes an agent's conversation. */
const AGENT_NODE = {
  'x-lobstah-node': JSON.stringify({
    version: 1,
    limits: { messages: 2_000, messageCharacters: 4_000_000 },
    capabilities: { m: { thinking: true, tool_calls: true } },
  }),
};

async function say(node: RawNode, messages: readonly object[], doneReason = 'stop') {
  const { id, params } = await node.nextRequest();
  for (const message of messages) node.chunk(id, message);
  node.end(id, doneReason);
  return params;
}

describe('the key of /v1', () => {
  it.each<[string, Record<string, string>]>([
    ['none', {}],
    ['a wrong one', { authorization: 'Bearer wrong' }],
    ['one with the wrong scheme', { authorization: V1_KEY }],
  ])('%s is 401', async (_what, headers) => {
    await using hub = await startTestHub();
    const { status, text } = await post(hub, {}, headers).answer;
    expect([status, codeOf(text)]).toEqual([401, 'key_invalid']);
    expect((await ask(`${hub.url}/v1/models`, { headers }).answer).status).toBe(401);
  });

  it('may be guessed sixty times a minute', async () => {
    await using hub = await startTestHub();
    const guess = async () => (await post(hub, {}, { authorization: 'Bearer guess' }).answer).status;
    for (let index = 0; index < 60; index += 1) expect(await guess()).toBe(401);
    expect(await guess()).toBe(429);
  });

  it('without a key file there is no /v1', async () => {
    await using hub = await startTestHub({ v1Keys: undefined });
    expect((await post(hub).answer).status).toBe(404);
  });

  it('does not share the limits of /api: fifty requests of one address go through', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    for (let index = 0; index < 50; index += 1) {
      const running = post(hub);
      await say(node, [{ content: 'ok' }]);
      expect((await running.answer).status).toBe(200);
    }
  });

  it('has limits of its own, and says 503 with Retry-After: agents take a 429 for a reason to stay away for an hour', async () => {
    await using hub = await startTestHub();
    const node = await hub.node({ maxConcurrent: 10 });
    await hub.node({ maxConcurrent: 10 });
    const running = Array.from({ length: 16 }, () => post(hub));
    await until(() => node.untaken.length >= 6, 'many are asked');
    await until(async () => (await post(hub).answer).status === 503, 'the seventeenth is refused');
    const { headers, text } = await post(hub).answer;
    expect([headers['retry-after'], codeOf(text)]).toEqual(['1', 'nodes_busy']);
    for (const { hangUp } of running) hangUp();
  });
});

describe('GET /v1/models', () => {
  it('lists what the nodes have', async () => {
    await using hub = await startTestHub();
    await hub.node({
      models: [
        { name: 'small', size: 1 },
        { name: 'large', size: 9 },
      ],
    });
    const { data } = await client(hub).models.list();
    expect(data.map(({ id }) => id)).toEqual(['large', 'small']);
  });
});

describe('POST /v1/chat/completions', () => {
  it('answers the openai SDK, streamed, with usage that says it is an estimate', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const asked = client(hub).chat.completions.create({
      model: 'm',
      messages: [
        { role: 'system', content: 'be short' },
        { role: 'user', content: 'hello' },
      ],
      stream: true,
      stream_options: { include_usage: true },
      max_completion_tokens: 100,
      temperature: 0,
    });
    const params = await say(node, [{ content: 'Hel' }, { content: 'lo' }]);
    let text = '';
    let finish: string | null = null;
    let usage: unknown;
    for await (const chunk of await asked) {
      text += chunk.choices[0]?.delta.content ?? '';
      finish = chunk.choices[0]?.finish_reason ?? finish;
      usage = chunk.usage ?? usage;
    }
    expect([text, finish]).toEqual(['Hello', 'stop']);
    expect(usage).toEqual({ prompt_tokens: 14, completion_tokens: 2, total_tokens: 16 });
    expect(params).toMatchObject({
      messages: [
        { role: 'system', content: 'be short' },
        { role: 'user', content: 'hello' },
      ],
      options: { num_predict: 100, temperature: 0 },
      stream: true,
    });
    expect(params.options, 'how long a context is, is up to the node').not.toHaveProperty('num_ctx');
  });

  it('answers one JSON document, with reasoning, and leaves markup as it is', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = post(hub);
    await say(
      node,
      [{ content: '', thinking: 'hm' }, { content: '<scr' }, { content: 'ipt>let a;</script>' }],
      'length',
    );
    const { status, headers, text } = await running.answer;
    expect([status, headers['x-lobstah-usage']]).toEqual([200, 'estimated']);
    expect(JSON.parse(text)).toMatchObject({
      object: 'chat.completion',
      model: 'm',
      choices: [
        {
          message: { role: 'assistant', content: '<script>let a;</script>', reasoning_content: 'hm' },
          finish_reason: 'length',
        },
      ],
      usage: { prompt_tokens: 7, completion_tokens: 7, total_tokens: 14 },
    });
  });

  it('takes what openclaw sends: 40,000 characters of system prompt, tools, replayed calls; and gives it to a node that takes that much', async () => {
    await using hub = await startTestHub();
    const plain = await hub.node();
    const node = await hub.node({ headers: AGENT_NODE });
    const running = post(hub, openclawBody('m'));
    const { id, params } = await node.nextRequest();
    expect(params.tools).toHaveLength(12);
    expect(params.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool', 'user']);
    expect(params.messages[2]).toEqual({
      role: 'assistant',
      content: '',
      tool_calls: [{ id: 'c1', function: { name: 'tool_0', arguments: { a: 'b' } } }],
    });
    expect(params.messages[3]).toMatchObject({ role: 'tool', content: 'result', tool_name: 'tool_0' });
    node.chunk(id, { content: '', tool_calls: [{ function: { name: 'tool_1', arguments: { a: 'x' } } }] });
    node.end(id);
    const { text } = await running.answer;
    const chunks = text
      .split('\n\n')
      .filter((event) => event.startsWith('data: {'))
      .map((event) => JSON.parse(event.slice(6)) as { choices: { delta: object; finish_reason: string | null }[] });
    expect(chunks[1]?.choices[0]?.delta).toMatchObject({
      tool_calls: [{ index: 0, type: 'function', function: { name: 'tool_1', arguments: '{"a":"x"}' } }],
    });
    expect(chunks.some(({ choices }) => choices[0]?.finish_reason === 'tool_calls')).toBe(true);
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
    expect(plain.untaken, 'an existing node would refuse it').toEqual([]);
  });

  it('refuses images by name, which no node takes', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const image = { type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } };
    const { status, text } = await post(hub, { messages: [{ role: 'user', content: [image] }] }).answer;
    expect([status, codeOf(text), node.untaken]).toEqual([400, 'unsupported_parameter', []]);
  });

  it('says so when no node takes that much', async () => {
    await using hub = await startTestHub();
    await hub.node();
    const { status, text } = await post(hub, openclawBody('m')).answer;
    expect([status, codeOf(text)]).toEqual([503, 'no_node']);
  });

  it('says 503 for a model that nobody has, 400 for a request that is none, 502 when all nodes fail', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    expect((await post(hub, { model: 'other', stream: true }).answer).status).toBe(503);
    const bad = await post(hub, { messages: 'x' }).answer;
    expect([bad.status, codeOf(bad.text)]).toEqual([400, 'bad_request']);
    const failing = post(hub, { stream: true });
    node.fail((await node.nextRequest()).id, 'ollama_error');
    const failed = await failing.answer;
    expect([failed.status, codeOf(failed.text)]).toEqual([502, 'all_peers_failed']);
  });

  it('keeps an agent waiting with empty deltas while a node reads a long prompt', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = post(hub, { stream: true });
    const { id } = await node.nextRequest();
    await hub.clock.advance(15_000);
    await until(() => running.text().split('"delta":{"content":""}').length === 4, 'three heartbeats');
    node.chunk(id, { content: 'now' });
    node.end(id);
    expect((await running.answer).text).toContain('"content":"now"');
  });

  it('ends a stream whose node is lost with an error and without [DONE]', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = post(hub, { stream: true });
    const { id } = await node.nextRequest();
    node.chunk(id, { content: 'I was' });
    await until(() => running.text().includes('I was'), 'the first words');
    node.kill();
    const { text } = await running.answer;
    expect(text).toContain('"code":"peer_lost"');
    expect(text).not.toContain('[DONE]');
  });

  it('survives a node that nests arguments deeper than any code can follow', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = post(hub, { stream: true });
    const { id } = await node.nextRequest();
    const deep = `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`;
    const call = `{"function":{"name":"f","arguments":${deep}}}`;
    node.send(
      `{"type":"inference_chunk","request_id":"${id}","chunk":{"message":{"role":"assistant","content":"","tool_calls":[${call}]},"done":false}}`,
    );
    expect((await running.answer).status).toBe(502);
    expect((await ask(`${hub.url}/health`).answer).status).toBe(200);
  });

  it('a client that hangs up ends the work at the node', async () => {
    await using hub = await startTestHub();
    const node = await hub.node();
    const running = post(hub);
    const { id } = await node.nextRequest();
    running.hangUp();
    expect(await node.next('cancel_request')).toMatchObject({ request_id: id });
  });
});
