import { describe, expect, it } from 'vitest';
import { createSearxngSearch, type Search } from '../../app/idleclaw/hub/web-search.ts';
import type { RawNode } from './idleclaw-raw-node.ts';
import { chat, contentOf, deltasOf, startTestHub } from './idleclaw-test-hub.ts';
import { until } from './test-grid.ts';

const CAN_TOOLS = {
  'x-lobstah-node': JSON.stringify({
    version: 1,
    limits: { messages: 50, messageCharacters: 10_000 },
    capabilities: { m: { thinking: false, tool_calls: true } },
  }),
};
const search: Search = (query) =>
  Promise.resolve([{ title: `about ${query}`, url: 'https://example.org/', text: 'found' }]);
const call = (args: unknown = { query: 'crabs' }, name = 'web_search') => ({
  content: '',
  tool_calls: [{ function: { name, arguments: args } }],
});

/** Answers the next request with a tool call. @returns the messages it was asked with */
async function callTool(node: RawNode, message: object = call()) {
  const { id, params } = await node.nextRequest();
  node.chunk(id, message);
  node.end(id);
  return params;
}

describe('the tool of a hub', () => {
  it('is offered to a model that can call tools, run, and its result goes back to the node', async () => {
    await using hub = await startTestHub({ search });
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    const first = await callTool(node);
    expect(first.tools).toMatchObject([{ type: 'function', function: { name: 'web_search' } }]);
    const { id, params } = await node.nextRequest();
    expect(params.messages).toEqual([
      { role: 'user', content: 'hello' },
      {
        role: 'assistant',
        content: '',
        tool_calls: [{ function: { name: 'web_search', arguments: { query: 'crabs' } } }],
      },
      { role: 'tool', content: 'about crabs\nhttps://example.org/\nfound', tool_name: 'web_search' },
    ]);
    node.chunk(id, { content: 'I found crabs' });
    node.end(id);
    expect(deltasOf((await running.answer).text)).toEqual([
      { tool_call: { name: 'web_search', status: 'running' } },
      { tool_call: { name: 'web_search', status: 'done' } },
      { content: 'I found crabs' },
    ]);
  });

  it('is not there when no SearXNG is configured: calls of a node then do nothing', async () => {
    await using hub = await startTestHub();
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    expect((await callTool(node, { ...call(), content: 'text' })).tools).toBeUndefined();
    expect(deltasOf((await running.answer).text)).toEqual([{ content: 'text' }]);
    expect(node.untaken).toEqual([]);
  });

  it('is not offered to a model of which nobody knows that it can', async () => {
    await using hub = await startTestHub({ search });
    const node = await hub.node();
    const running = chat(hub);
    expect((await callTool(node)).tools).toBeUndefined();
    await running.answer;
  });

  it('ends after five rounds: the sixth request has no tool, and a call in its answer is not run', async () => {
    let searches = 0;
    await using hub = await startTestHub({
      search: (query, signal) => {
        searches += 1;
        return search(query, signal);
      },
    });
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    for (let round = 1; round <= 5; round += 1) expect((await callTool(node)).tools).toHaveLength(1);
    expect((await callTool(node, { ...call(), content: 'enough' })).tools).toBeUndefined();
    expect(contentOf((await running.answer).text)).toBe('enough');
    await node.roundTrip();
    expect([searches, node.untaken]).toEqual([5, []]);
  });

  it.each<[string, object, string]>([
    ['another tool', call({ path: '/etc/passwd' }, 'read_file'), 'there is no tool of that name'],
    ['no arguments', call({}), "one argument, 'query'"],
    ['a query that is a number', call({ query: 7 }), "one argument, 'query'"],
    ['an empty query', call({ query: ' ' }), "one argument, 'query'"],
    ['a query of 401 characters', call({ query: 'x'.repeat(401) }), "one argument, 'query'"],
    ['an argument more', call({ query: 'x', url: 'http://169.254.169.254/' }), "one argument, 'query'"],
  ])('is not run for %s, and the model is told why', async (_what, message, told) => {
    let searches = 0;
    await using hub = await startTestHub({ search: () => Promise.resolve([]).finally(() => (searches += 1)) });
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    await callTool(node, message);
    const { id, params } = await node.nextRequest();
    expect(params.messages.at(-1)).toMatchObject({ role: 'tool', content: expect.stringContaining(told) as string });
    node.end(id);
    expect(deltasOf((await running.answer).text).at(-1)).toMatchObject({ tool_call: { status: 'failed' } });
    expect(searches).toBe(0);
  });

  it('gets 15 seconds', async () => {
    let asked = 0;
    await using hub = await startTestHub({
      search: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    await callTool(node);
    await until(() => asked === 1, 'the search began');
    await hub.clock.advance(15_000);
    const { id, params } = await node.nextRequest();
    expect(params.messages.at(-1)?.content).toBe('Error: the search took too long.');
    node.end(id);
    await running.answer;
  });

  it('is called 20 times a minute for one node, no more', async () => {
    let searches = 0;
    await using hub = await startTestHub({
      search: (query, signal) => {
        searches += 1;
        return search(query, signal);
      },
    });
    const node = await hub.node({ headers: CAN_TOOLS });
    const four = { content: '', tool_calls: Array.from({ length: 40 }, () => call().tool_calls[0]) };
    for (let round = 0; round < 2; round += 1) {
      const running = chat(hub);
      for (let index = 0; index < 3; index += 1) await callTool(node, four);
      node.end((await node.nextRequest()).id);
      await running.answer;
    }
    expect(searches).toBe(20);
  });

  it('ends when its consumer hangs up', async () => {
    let ended = false;
    await using hub = await startTestHub({
      search: (_query, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => {
            ended = true;
            reject(signal.reason as Error);
          });
        }),
    });
    const node = await hub.node({ headers: CAN_TOOLS });
    const running = chat(hub);
    await callTool(node);
    await until(() => running.text().includes('running'), 'the tool runs');
    running.hangUp();
    await until(() => ended, 'the search was ended');
    expect(node.untaken).toEqual([]);
  });
});

describe('the SearXNG behind it', () => {
  const answering = (body: string, init: ResponseInit = {}) => {
    const asked: { url: string; init: RequestInit | undefined }[] = [];
    const fetch = ((url: URL, requestInit?: RequestInit) => {
      asked.push({ url: String(url), init: requestInit });
      return Promise.resolve(new Response(body, init));
    }) as typeof globalThis.fetch;
    return { asked, fetch };
  };
  const { signal } = new AbortController();

  it('is asked for JSON at its path, never follows a redirect, and gives five results', async () => {
    const results = Array.from({ length: 9 }, (_, index) => ({ title: `t${index}`, url: 'u', content: null }));
    const { asked, fetch } = answering(JSON.stringify({ results }));
    const found = await createSearxngSearch('http://127.0.0.1:8888/searx', fetch)('a b&c', signal);
    expect(asked[0]).toMatchObject({
      url: 'http://127.0.0.1:8888/searx/search?q=a+b%26c&format=json',
      init: { redirect: 'error' },
    });
    expect(found).toHaveLength(5);
    expect(found[0]).toEqual({ title: 't0', url: 'u', text: '' });
  });

  it.each([
    ['an error', answering('no', { status: 403 })],
    ['a page', answering('<html>')],
    ['too much', answering(JSON.stringify({ results: [], x: 'x'.repeat(3_000_000) }))],
  ])('that answers %s makes the search fail', async (_what, { fetch }) => {
    await expect(createSearxngSearch('http://127.0.0.1:8888', fetch)('x', signal)).rejects.toThrow();
  });

  it.each(['file:///etc', 'searx', 'ftp://x'])('%s is no address of one', (url) => {
    expect(() => createSearxngSearch(url, fetch)).toThrow(/no http or https address/);
  });
});
