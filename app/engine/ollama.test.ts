import { createServer, type AddressInfo, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../protocol/chat.ts';
import type { EngineChat, EngineEvent } from './engine.ts';
import { createOllama, type OllamaOptions } from './ollama.ts';
import { startFakeOllama, type FakeFault, type FakeOllama, type FakeOllamaScript } from './testing/fake-ollama.ts';
import { playOllamaAnswers } from './testing/ollama-answers.ts';

const never = new AbortController().signal;
const SHOW = { '/api/tags': 'tags', '/api/ps': 'ps', '/api/show': 'show' };

function ask(body: Record<string, unknown> = {}, maxOutputTokens = 50): EngineChat {
  return {
    request: parseChatRequest({ model: 'tiny', messages: [{ role: 'user', content: 'hi' }], ...body }),
    maxOutputTokens,
  };
}

/** An engine at this address, closed at the end of the block. */
function engineAt(baseUrl: string, options: Partial<OllamaOptions> = {}) {
  let calls = 0;
  const newToolCallId = () => `call_${(calls += 1)}`;
  const engine = createOllama({ baseUrl, newToolCallId, statusTimeoutMs: 300, memoryBytes: 2 ** 40, ...options });
  return { ...engine, [Symbol.asyncDispose]: () => engine.close() };
}

async function startBoth(script: Partial<FakeOllamaScript> = {}) {
  const fake: FakeOllama = await startFakeOllama(script);
  const engine = engineAt(fake.url);
  return { fake, engine, [Symbol.asyncDispose]: async () => (await engine.close(), fake.close()) };
}

/** Takes connections and never answers. */
async function listenSilently() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const seen: EngineEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}
const textOf = (events: readonly EngineEvent[]) =>
  events.map((event) => (event.type === 'delta' ? (event.delta.content ?? '') : '')).join('');

describe('what a real Ollama answered', () => {
  it('streams text and exact counts', async () => {
    await using server = await playOllamaAnswers({ ...SHOW, '/api/chat': 'chat_stream' });
    await using engine = engineAt(server.url);
    const events = await collect(engine.chat(ask(), never));
    expect(textOf(events)).toBe(' kind get rain get');
    expect(events.at(-1)).toEqual({
      type: 'finish',
      reason: 'length',
      usage: { inputTokens: 7, outputTokens: 4, estimated: false },
    });
  });

  it('holds an answer to a schema', async () => {
    await using server = await playOllamaAnswers({ ...SHOW, '/api/chat': 'fmt_schema_native' });
    await using engine = engineAt(server.url);
    const events = await collect(engine.chat(ask(), never));
    expect(JSON.parse(textOf(events))).toEqual({ ok: true, color: 'green', n: 69_953_622_870 });
  });

  it('lists models; what runs is known by its digest, not by its name', async () => {
    await using server = await playOllamaAnswers(SHOW);
    await using engine = engineAt(server.url);
    const models = await engine.models(never);
    expect(models.map(({ name, loaded }) => [name, loaded])).toEqual([
      ['loop:latest', true],
      ['slow:latest', false],
      ['tiny:latest', false],
      ['tiny-tools:latest', false],
    ]);
    expect(models[0]).toEqual({
      name: 'loop:latest',
      digest: '83b285085254fb49627396d84fea11d89950d5b3f34e3ca66aea1cfcaac4c413',
      sizeBytes: 658_617,
      parameterSize: '161K',
      contextLength: 2048,
      capabilities: [],
      loaded: true,
      ownUseOnly: false,
    });
  });

  it('says its version', async () => {
    await using server = await playOllamaAnswers({ '/api/version': 'version' });
    await using engine = engineAt(server.url);
    expect(await engine.status(never)).toEqual({
      engine: 'ollama',
      where: server.url,
      reachable: true,
      version: '0.17.4',
    });
  });

  it.each([
    ['loop_native', 'engine_cut', /without saying that it was done/],
    ['runner_killed_native', 'engine_error', /^an error was encountered while running the model: unexpected EOF$/],
    ['err_model_native', 'engine_model_not_found', /^model 'nope' not found$/],
    ['err_model_native_stream', 'engine_model_not_found', /^model 'nope' not found$/],
    ['err_tools_native', 'engine_refused', /^tiny:latest does not support tools$/],
    ['err_think', 'engine_refused', /^"tiny" does not support thinking$/],
    ['err_nomodel', 'engine_refused', /^model is required$/],
    ['err_badjson', 'engine_refused', /^unexpected EOF$/],
    ['err_badtype', 'engine_refused', /^option "temperature" must be of type float32$/],
    ['fmt_bad', 'engine_refused', /^invalid format: /],
    ['longprompt_notrunc', 'context_exceeded', /^the input length exceeds the context length$/],
    ['err_404', 'engine_unreachable', /^404 page not found$/],
  ])('%s → %s', async (answer, code, message) => {
    await using server = await playOllamaAnswers({ ...SHOW, '/api/chat': answer });
    await using engine = engineAt(server.url);
    await expect(collect(engine.chat(ask(), never))).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    });
  });

  it('a model that is not there is named by the lookup too', async () => {
    await using server = await playOllamaAnswers({ ...SHOW, '/api/show': 'err_model_show' });
    await using engine = engineAt(server.url);
    await expect(collect(engine.chat(ask({ model: 'nope' }), never))).rejects.toMatchObject({
      code: 'engine_model_not_found',
    });
  });
});

describe('faults', () => {
  it.each<[FakeFault, string, string]>([
    [{ kind: 'cut', afterTokens: 2 }, 'engine_cut', ' kind get'],
    [{ kind: 'runner-killed', afterTokens: 1 }, 'engine_error', ' kind'],
    [{ kind: 'hang-up', afterTokens: 3 }, 'engine_cut', ' kind get rain'],
    [
      { kind: 'status', status: 503, error: 'server busy, please try again. maximum pending requests exceeded' },
      'engine_busy',
      '',
    ],
    [{ kind: 'status', status: 500, error: 'llama runner process has terminated: exit status 2' }, 'engine_error', ''],
    [{ kind: 'status', status: 400, error: 'prompt exceeds the available context size' }, 'context_exceeded', ''],
  ])('%o → %s, and what came before it is delivered', async (fault, code, text) => {
    await using both = await startBoth({ fault, tokenDelayMs: 2 });
    const seen: EngineEvent[] = [];
    const reading = (async () => {
      for await (const event of both.engine.chat(ask(), never)) seen.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ code });
    expect(textOf(seen)).toBe(text);
  });

  it('tells strangers neither registries nor folders of this machine', async () => {
    const error = 'registry.ollama.ai/library/x:1b: open /Users/ann/.ollama/models/blobs/sha256-ab: permission denied';
    await using both = await startBoth({ fault: { kind: 'status', status: 500, error } });
    await expect(collect(both.engine.chat(ask(), never))).rejects.toThrow('x:1b: open …/sha256-ab: permission denied');
  });

  it('a server that is not Ollama, and one that says nothing', async () => {
    await using other = await playOllamaAnswers({});
    await using first = engineAt(other.url);
    expect(await first.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining('is not Ollama'),
    });
    await using silent = await listenSilently();
    await using second = engineAt(silent.url);
    expect(await second.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining('no answer in time'),
    });
  });

  it('nothing listens there', async () => {
    const { url, [Symbol.asyncDispose]: close } = await listenSilently();
    await close();
    await using engine = engineAt(url);
    expect(await engine.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining('nothing listens there'),
    });
    await expect(engine.models(never)).rejects.toMatchObject({ code: 'engine_unreachable' });
    await expect(collect(engine.chat(ask(), never))).rejects.toMatchObject({ code: 'engine_unreachable' });
  });
});

describe('answers', () => {
  it('tool calls get ids, arguments as text, and their own finish reason', async () => {
    await using both = await startBoth({
      tokens: [],
      toolCalls: [
        { name: 'weather', arguments: { city: 'Oslo' } },
        { name: 'time', arguments: {} },
      ],
    });
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const events = await collect(both.engine.chat(ask({ tools }), never));
    expect(events.map((event) => (event.type === 'delta' ? event.delta : event.reason))).toEqual([
      {
        toolCalls: [
          { index: 0, id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}' },
          { index: 1, id: 'call_2', name: 'time', arguments: '{}' },
        ],
      },
      'tool_calls',
    ]);
    expect(both.fake.chats[0]?.tools).toEqual(tools);
  });

  it('thinking is reasoning, and is switched off where it is not wanted', async () => {
    await using both = await startBoth({
      models: [{ name: 'tiny:latest', capabilities: ['completion', 'thinking'] }],
      thinking: ['hm'],
      tokens: ['yes'],
    });
    const deltas = async (body: object) =>
      (await collect(both.engine.chat(ask({ ...body }), never))).flatMap((event) =>
        event.type === 'delta' ? [event.delta] : [],
      );
    expect(await deltas({})).toEqual([{ reasoning: 'hm' }, { content: 'yes' }]);
    expect(await deltas({ reasoning_effort: 'none' })).toEqual([{ content: 'yes' }]);
  });

  it('log probabilities come along when asked for, in the shape of OpenAI', async () => {
    await using both = await startBoth({ tokens: [' hi', ' you'] });
    const deltasOf = async (body: object) =>
      (await collect(both.engine.chat(ask({ ...body }), never))).flatMap((event) =>
        event.type === 'delta' ? [event.delta] : [],
      );
    expect((await deltasOf({ logprobs: true, top_logprobs: 2 }))[0]).toEqual({
      content: ' hi',
      logprobs: [
        {
          token: ' hi',
          logprob: -0.25,
          bytes: [32, 104, 105],
          top_logprobs: [
            { token: ' hi', logprob: -0.25, bytes: [32, 104, 105] },
            { token: ' other', logprob: -1.5, bytes: [32, 111, 116, 104, 101, 114] },
          ],
        },
      ],
    });
    expect((await deltasOf({ logprobs: true }))[1]?.logprobs?.[0]).toMatchObject({ token: ' you', top_logprobs: [] });
    expect(await deltasOf({})).toEqual([{ content: ' hi' }, { content: ' you' }]);
    expect(both.fake.chats.at(-1)).not.toHaveProperty('logprobs');
  });

  it('ends at stop words, and at the cap whatever its name', async () => {
    await using both = await startBoth({ tokens: ['a', 'b', 'c', 'd'] });
    const stopped = await collect(both.engine.chat(ask({ stop: ['c'] }), never));
    expect([textOf(stopped), stopped.at(-1)]).toMatchObject(['ab', { reason: 'stop' }]);
    const capped = await collect(both.engine.chat(ask({ max_completion_tokens: 3 }, 3), never));
    expect([textOf(capped), capped.at(-1)]).toMatchObject(['abc', { reason: 'length', usage: { outputTokens: 3 } }]);
  });

  it('survives being cut at any byte', async () => {
    await using both = await startBoth({ tokens: ['grün', ' 海老', ' 🦞'], pieceBytes: 1 });
    for (const pieceBytes of [1, 2, 3, 7, 64]) {
      both.fake.script.pieceBytes = pieceBytes;
      expect(textOf(await collect(both.engine.chat(ask(), never)))).toBe('grün 海老 🦞');
    }
  });
});

describe('the context', () => {
  it("an agent's first prompt is never cut, and a small one after it does not load the model again", async () => {
    await using both = await startBoth();
    const system = { role: 'system', content: 'You are an agent. '.repeat(2300) };
    await collect(both.engine.chat(ask({ messages: [system, { role: 'user', content: 'hi' }] }, 8192), never));
    await collect(both.engine.chat(ask(), never));
    expect(both.fake.chats.map((chat) => [chat.options?.['num_ctx'], chat.truncate])).toEqual([
      [32_768, false],
      [32_768, false],
    ]);
    expect(both.fake.loads).toBe(1);
  });

  it('asks again with a larger context when the estimate was too low', async () => {
    await using both = await startBoth({ models: [{ name: 'tiny:latest', contextLength: 16_384 }] });
    // The fake counts a token for each four characters, whatever they are; a fault plays a tokenizer that needs more.
    both.fake.script.fault = { kind: 'status', status: 400, error: 'the input length exceeds the context length' };
    await expect(collect(both.engine.chat(ask(), never))).rejects.toMatchObject({ code: 'context_exceeded' });
    expect(both.fake.chats.map((chat) => chat.options?.['num_ctx'])).toEqual([4096, 8192, 16_384]);
  });

  it('refuses what cannot fit without asking', async () => {
    await using both = await startBoth({ models: [{ name: 'tiny:latest', contextLength: 2048 }] });
    const messages = [{ role: 'user', content: 'word '.repeat(8000) }];
    await expect(collect(both.engine.chat(ask({ messages }), never))).rejects.toMatchObject({
      code: 'context_exceeded',
      details: { contextTokens: 2048 },
    });
    expect(both.fake.chats).toHaveLength(0);
  });
});

describe('memory', () => {
  it('a context that this machine cannot hold is neither asked for nor promised', async () => {
    await using server = await playOllamaAnswers(SHOW);
    // The model of the recording: 2 layers, 4 heads of 16, so 512 bytes a token, and 658,617 bytes of weights.
    await using engine = engineAt(server.url, { memoryBytes: 658_617 + 512 * 5000 });
    expect((await engine.models(never))[0]).toMatchObject({ contextLength: 2048 });
    await using both = await startBoth();
    await using small = engineAt(both.fake.url, { memoryBytes: 658_617 + 8192 * 40_000 });
    // The fake's has 8 KB a token.
    expect((await small.models(never))[0]).toMatchObject({ contextLength: 32_768 });
    const messages = [{ role: 'user', content: 'word '.repeat(60_000) }];
    await expect(collect(small.chat(ask({ messages }), never))).rejects.toMatchObject({ code: 'context_exceeded' });
    expect(both.fake.chats).toHaveLength(0);
  });

  it('keep_alive is asked for by the policy of the moment, and by nobody else', async () => {
    let seconds: number | undefined;
    await using both = await startBoth();
    await using engine = engineAt(both.fake.url, { keepAliveSeconds: () => seconds });
    await collect(engine.chat(ask(), never));
    seconds = 0;
    await collect(engine.chat(ask(), never));
    expect(both.fake.chats.map((chat) => chat.keep_alive)).toEqual([undefined, 0]);
  });

  it('unloads a model, but not one that is answering', async () => {
    await using both = await startBoth({ tokens: 1000, tokenDelayMs: 5 });
    const stream = both.engine.chat(ask({}, 1000), never)[Symbol.asyncIterator]();
    await stream.next();
    expect(await both.engine.unload?.('tiny', never)).toBe(false);
    await stream.return?.();
    expect((await both.engine.models(never))[0]?.loaded).toBe(true);
    expect(await both.engine.unload?.('tiny', never)).toBe(true);
    expect((await both.engine.models(never))[0]?.loaded).toBe(false);
    await expect(both.engine.unload?.('nope', never)).rejects.toMatchObject({ code: 'engine_model_not_found' });
  });
});

describe('models', () => {
  it('asks for the traits of each digest once', async () => {
    await using both = await startBoth({
      models: [{ name: 'a:1b', capabilities: ['completion', 'vision', 'tools'] }, { name: 'b:1b' }],
    });
    await both.engine.models(never);
    expect((await both.engine.models(never)).map((model) => model.capabilities)).toEqual([
      ['tools', 'vision'],
      ['tools'],
    ]);
    expect(both.fake.requests.filter((request) => request.path === '/api/show')).toHaveLength(2);
  });

  it('marks embedding models and keeps cloud models for their owner', async () => {
    await using both = await startBoth({
      models: [
        { name: 'embed', capabilities: ['embedding'] },
        { name: 'big-cloud', remoteHost: 'https://ollama.com:443' },
      ],
    });
    expect(await both.engine.models(never)).toMatchObject([
      { name: 'embed', capabilities: ['embedding'], ownUseOnly: false },
      { name: 'big-cloud', ownUseOnly: true },
    ]);
  });

  it('makes embeddings, cuts nothing, and says no in words', async () => {
    await using both = await startBoth({ models: [{ name: 'e', capabilities: ['embedding'], contextLength: 4 }] });
    const embed = (inputs: string[], model = 'e') =>
      both.engine.embed?.({ model, inputs, dimensions: undefined }, never) ?? Promise.reject(new Error('cannot'));
    expect(await embed(['ab', 'xyz'])).toEqual({
      vectors: [
        [2, 97, 98, 0.5],
        [3, 120, 122, 0.5],
      ],
      inputTokens: 2,
    });
    expect(both.fake.requests.at(-1)?.body).toEqual({ model: 'e', input: ['ab', 'xyz'], truncate: false });
    await expect(embed(['x'.repeat(50)])).rejects.toMatchObject({ code: 'context_exceeded' });
    await expect(embed(['x'], 'nope')).rejects.toMatchObject({ code: 'engine_model_not_found' });
  });

  it('passes on one tool call where one was allowed, and refuses what Ollama has no way to do', async () => {
    const call = { name: 'f', arguments: {} };
    await using both = await startBoth({ toolCalls: [call, call] });
    const tools = [{ type: 'function', function: { name: 'f' } }];
    const calls = async (body: object) => {
      const request = parseChatRequest({ model: 'tiny', messages: [{ role: 'user', content: 'hi' }], ...body });
      let count = 0;
      for await (const event of both.engine.chat({ request, maxOutputTokens: 9 }, never))
        if (event.type === 'delta') count += event.delta.toolCalls?.length ?? 0;
      return count;
    };
    expect([await calls({ tools }), await calls({ tools, parallel_tool_calls: false })]).toEqual([2, 1]);
    await expect(calls({ logit_bias: { 5: 10 } })).rejects.toMatchObject({
      code: 'engine_refused',
      details: { param: 'logit_bias' },
    });
  });
});

describe('hanging up', () => {
  it.each([
    ['while the model loads', { firstTokenDelayMs: 60_000 }, 0],
    ['in the middle of an answer', { tokens: 10_000, tokenDelayMs: 5 }, 3],
  ])('%s stops generation', async (_when, script, afterDeltas) => {
    await using both = await startBoth(script);
    const controller = new AbortController();
    const reason = new Error('the client left');
    let abortedAtMs = 0;
    const abort = () => {
      abortedAtMs = performance.now();
      controller.abort(reason);
    };
    let deltas = 0;
    const reading = (async () => {
      for await (const _event of both.engine.chat(ask({}, 10_000), controller.signal))
        if ((deltas += 1) === afterDeltas) abort();
    })();
    if (afterDeltas === 0) {
      await expect.poll(() => both.fake.running, { interval: 5 }).toBe(1);
      abort();
    }
    await expect(reading).rejects.toBe(reason);
    await expect.poll(() => both.fake.aborted, { interval: 5 }).toBe(1);
    const tookMs = (both.fake.abortedAtMs ?? Infinity) - abortedAtMs;
    console.log(`hang-up reached Ollama after ${tookMs.toFixed(1)} ms`);
    expect(tookMs).toBeLessThan(1000);
    expect(both.fake.running).toBe(0);
  });

  it('leaving the loop does too', async () => {
    await using both = await startBoth({ tokens: 10_000, tokenDelayMs: 5 });
    for await (const event of both.engine.chat(ask({}, 10_000), never)) {
      expect(event.type).toBe('delta');
      break;
    }
    await expect.poll(() => both.fake.aborted, { interval: 5 }).toBe(1);
  });

  it('a signal that is aborted already asks nothing', async () => {
    await using both = await startBoth();
    await expect(collect(both.engine.chat(ask(), AbortSignal.abort(new Error('no'))))).rejects.toThrow('no');
    expect(both.fake.requests).toHaveLength(0);
  });
});
