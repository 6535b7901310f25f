import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../protocol/chat.ts';
import type { EngineChat, EngineEvent } from './engine.ts';
import { createOpenAiCompatible, type OpenAiCompatibleOptions } from './openai-compatible.ts';
import { parseOpenAiUrl } from './openai-url.ts';
import { startFakeOpenAi, type FakeOpenAiScript, type OpenAiFault } from './testing/fake-openai.ts';

const never = new AbortController().signal;

function ask(body: Record<string, unknown> = {}, maxOutputTokens = 50): EngineChat {
  return {
    request: parseChatRequest({ model: 'tiny', messages: [{ role: 'user', content: 'hi' }], ...body }),
    maxOutputTokens,
  };
}

function engineAt(url: string, options: Partial<OpenAiCompatibleOptions> = {}) {
  let ids = 0;
  const engine = createOpenAiCompatible({
    address: parseOpenAiUrl(url),
    newToolCallId: () => `call_${(ids += 1)}`,
    statusTimeoutMs: 500,
    ...options,
  });
  return { ...engine, [Symbol.asyncDispose]: () => engine.close() };
}

async function startBoth(script: Partial<FakeOpenAiScript> = {}, options: Partial<OpenAiCompatibleOptions> = {}) {
  const fake = await startFakeOpenAi(script);
  const engine = engineAt(fake.url, options);
  return { fake, engine, [Symbol.asyncDispose]: async () => (await engine.close(), fake.close()) };
}

async function collect(events: AsyncIterable<EngineEvent>): Promise<EngineEvent[]> {
  const seen: EngineEvent[] = [];
  for await (const event of events) seen.push(event);
  return seen;
}
const textOf = (events: readonly EngineEvent[]) =>
  events.map((event) => (event.type === 'delta' ? (event.delta.content ?? '') : '')).join('');
const deltasOf = (events: readonly EngineEvent[]) =>
  events.flatMap((event) => (event.type === 'delta' ? [event.delta] : []));

describe('answers', () => {
  it('streams text with the counts of the server', async () => {
    await using both = await startBoth();
    const events = await collect(both.engine.chat(ask(), never));
    expect(textOf(events)).toBe(' kind get rain get');
    expect(events.at(-1)).toEqual({
      type: 'finish',
      reason: 'stop',
      usage: { inputTokens: 11, outputTokens: 4, estimated: false },
    });
    const capped = await collect(both.engine.chat(ask({}, 2), never));
    expect(capped.at(-1)).toMatchObject({ reason: 'length', usage: { outputTokens: 2 } });
  });

  it.each([
    ['a token a piece', { tokens: ['a', 'b', 'c'] }, {}, 3],
    ['bundles: a token for each six characters', { tokens: ['x'.repeat(60), 'y'.repeat(61)] }, {}, 20],
    ['log probabilities are counted', { tokens: ['x'.repeat(60)] }, { logprobs: true }, 1],
  ])('without usage the count is ours, and says so: %s', async (_what, script, body, outputTokens) => {
    await using both = await startBoth({ ...script, tellsUsage: false });
    const events = await collect(both.engine.chat(ask(body), never));
    expect(events.at(-1)).toMatchObject({ usage: { inputTokens: 6, outputTokens, estimated: true } });
  });

  it.each(['reasoning_content', 'reasoning'] as const)('reasoning by the name of %s', async (member) => {
    await using both = await startBoth({ reasoning: { member, texts: ['hm'] }, tokens: ['yes'] });
    expect(deltasOf(await collect(both.engine.chat(ask(), never)))).toEqual([{ reasoning: 'hm' }, { content: 'yes' }]);
  });

  it('tool calls arrive part by part, with their own finish reason even where the server says stop', async () => {
    await using both = await startBoth({
      tokens: [],
      toolCallParts: [
        { index: 0, id: 'a', type: 'function', function: { name: 'weather', arguments: '' } },
        { index: 0, function: { arguments: '{"city":"Oslo"}' } },
      ],
    });
    const tools = [{ type: 'function', function: { name: 'weather', parameters: { type: 'object' } } }];
    const events = await collect(both.engine.chat(ask({ tools, tool_choice: 'required' }), never));
    expect(deltasOf(events)).toEqual([
      { toolCalls: [{ index: 0, id: 'a', name: 'weather', arguments: '' }] },
      { toolCalls: [{ index: 0, arguments: '{"city":"Oslo"}' }] },
    ]);
    expect(events.at(-1)).toMatchObject({ reason: 'tool_calls' });
    expect(both.fake.chats[0]).toMatchObject({ tools, tool_choice: 'required' });
  });

  it('log probabilities in the shape they came in', async () => {
    await using both = await startBoth({ tokens: ['hi'] });
    expect(deltasOf(await collect(both.engine.chat(ask({ logprobs: true }), never)))).toEqual([
      { content: 'hi', logprobs: [{ token: 'hi', logprob: -0.5, bytes: [104, 105], top_logprobs: [] }] },
    ]);
  });

  it.each([1, 2, 3, 7, 64])('survives being cut each %i bytes, with either line end', async (pieceBytes) => {
    await using both = await startBoth({ tokens: ['grün', ' 海老', ' 🦞'], pieceBytes });
    for (const lineEnd of ['\n', '\r\n'] as const) {
      both.fake.script.lineEnd = lineEnd;
      expect(textOf(await collect(both.engine.chat(ask(), never)))).toBe('grün 海老 🦞');
    }
  });

  it.each([
    [{ finishReason: 'stop', done: false }, 'stop'],
    [{ finishReason: null, done: true }, 'stop'],
    [{ finishReason: 'content_filter', done: true }, 'content_filter'],
    [{ finishReason: 'eos', done: true }, 'stop'],
  ])('ends with %o', async (ending, reason) => {
    await using both = await startBoth({ ending });
    expect((await collect(both.engine.chat(ask(), never))).at(-1)).toMatchObject({ type: 'finish', reason });
  });
});

describe('faults', () => {
  const status = (code: number, body: unknown): OpenAiFault => ({ kind: 'status', status: code, body });
  it.each<[string, OpenAiFault, string, string]>([
    ['cut without finish and [DONE]', { kind: 'cut', afterTokens: 2 }, 'engine_cut', ' kind get'],
    ['the connection breaks', { kind: 'hang-up', afterTokens: 3 }, 'engine_cut', ' kind get rain'],
    ['an error chunk', { kind: 'error-chunk', afterTokens: 1 }, 'engine_error', ' kind'],
    ['an error field', { kind: 'error-field', afterTokens: 1 }, 'engine_error', ' kind'],
    ['broken JSON', { kind: 'bad-json', afterTokens: 1 }, 'engine_error', ' kind'],
    ['an answer that is no stream', { kind: 'no-stream' }, 'engine_error', ''],
    ['401', status(401, { error: { message: 'Incorrect API key provided: sk-abc' } }), 'engine_key_refused', ''],
    ['403', status(403, 'Forbidden'), 'engine_key_refused', ''],
    ['404 model', status(404, { error: { message: 'The model `x` does not exist.' } }), 'engine_model_not_found', ''],
    ['404 page', status(404, { detail: 'Not Found' }), 'engine_unreachable', ''],
    ['400', status(400, { error: { message: 'logit_bias is not supported' } }), 'engine_refused', ''],
    ['422', status(422, { detail: [{ loc: ['body'] }] }), 'engine_refused', ''],
    ['429', status(429, { error: 'slow down' }), 'engine_busy', ''],
    ['503 loading', status(503, { error: { message: 'Loading model', type: 'unavailable_error' } }), 'engine_busy', ''],
    ['500', status(500, { error: { message: 'Compute error.' } }), 'engine_error', ''],
    ['502 of a proxy', status(502, '<html>Bad Gateway</html>'), 'engine_error', ''],
    [
      "vLLM's context",
      status(400, { error: { message: "This model's maximum context length is 4096 tokens. However, …" } }),
      'context_exceeded',
      '',
    ],
    [
      "llama.cpp's context",
      status(400, {
        error: { message: 'the request exceeds the available context size', type: 'exceed_context_size_error' },
      }),
      'context_exceeded',
      '',
    ],
    [
      "OpenAI's context",
      status(400, { error: { message: 'too long', code: 'context_length_exceeded' } }),
      'context_exceeded',
      '',
    ],
    [
      "LM Studio's context",
      status(400, {
        error: 'The number of tokens to keep from the initial prompt is greater than the context length.',
      }),
      'context_exceeded',
      '',
    ],
  ])('%s', async (_what, fault, code, text) => {
    await using both = await startBoth({ fault, tokenDelayMs: 2 });
    const seen: EngineEvent[] = [];
    const reading = (async () => {
      for await (const event of both.engine.chat(ask(), never)) seen.push(event);
    })();
    await expect(reading).rejects.toMatchObject({ code });
    expect(textOf(seen)).toBe(text);
  });

  it('nothing listens there', async () => {
    const fake = await startFakeOpenAi();
    await fake.close();
    await using engine = engineAt(fake.url);
    expect(await engine.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining('nothing listens there'),
    });
    await expect(collect(engine.chat(ask(), never))).rejects.toMatchObject({ code: 'engine_unreachable' });
  });

  it('another kind of server is said to be one', async () => {
    await using both = await startBoth();
    await using engine = engineAt(`${both.fake.url}/elsewhere`);
    expect(await engine.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining("does not speak OpenAI's API"),
    });
  });

  it('tells strangers no folder of this machine', async () => {
    const fault = status(500, { error: { message: 'cannot open /Users/ann/models/x.gguf' } });
    await using both = await startBoth({ fault });
    await expect(collect(both.engine.chat(ask(), never))).rejects.toThrow('cannot open …/x.gguf');
  });
});

describe('the key', () => {
  it('goes with every request, as it is at that moment', async () => {
    let key: string | undefined = 'sk-wrong';
    await using both = await startBoth({ key: 'sk-right' }, { key: () => key });
    expect(await both.engine.status(never)).toMatchObject({
      reachable: false,
      problem: 'The engine refuses the key (status 401).',
    });
    const refused = collect(both.engine.chat(ask(), never));
    await expect(refused).rejects.toMatchObject({ code: 'engine_key_refused' });
    await expect(refused).rejects.not.toMatchObject({ message: expect.stringContaining('sk-') as string });
    key = 'sk-right';
    expect(textOf(await collect(both.engine.chat(ask(), never)))).toBe(' kind get rain get');
    key = undefined;
    await expect(both.engine.models(never)).rejects.toMatchObject({ code: 'engine_key_refused' });
    expect(both.fake.requests.at(-1)?.authorization).toBeUndefined();
  });
});

describe('models', () => {
  it.each<[string, Partial<FakeOpenAiScript>, object]>([
    ['vLLM', {}, { name: 'tiny', contextLength: 8192, capabilities: ['tools'], loaded: true, ownUseOnly: false }],
    [
      'llama.cpp: the context it runs with, and what its template and model can',
      {
        models: [{ id: '/Users/ann/models/qwen3-8b.gguf', meta: { n_ctx_train: 40_960, size: 5_000_000 } }],
        pages: {
          '/props': {
            default_generation_settings: { n_ctx: 16_384 },
            modalities: { vision: true },
            chat_template: '{%- if tools %}',
          },
        },
      },
      { name: 'qwen3-8b', contextLength: 16_384, capabilities: ['tools', 'vision'], sizeBytes: 5_000_000 },
    ],
    [
      'llama.cpp that keeps its properties to itself',
      { models: [{ id: 'qwen3', meta: { n_ctx_train: 40_960 } }] },
      { name: 'qwen3', contextLength: 40_960 },
    ],
    [
      'llama.cpp with a template without tools',
      {
        pages: { '/props': { default_generation_settings: { n_ctx: 4096 }, chat_template: '{{ messages }}' } },
      },
      { name: 'tiny', contextLength: 4096, capabilities: [] },
    ],
    [
      'LM Studio: what is loaded and what is not',
      {
        models: [{ id: 'qwen/qwen3-4b' }],
        pages: {
          '/api/v0/models': {
            data: [
              {
                id: 'qwen/qwen3-4b',
                type: 'vlm',
                state: 'not-loaded',
                quantization: '4bit',
                max_context_length: 32_768,
                capabilities: ['tool_use'],
              },
            ],
          },
        },
      },
      {
        name: 'qwen/qwen3-4b',
        contextLength: 32_768,
        quantization: '4bit',
        loaded: false,
        capabilities: ['tools', 'vision'],
      },
    ],
  ])('%s', async (_what, script, model) => {
    await using both = await startBoth(script);
    expect(await both.engine.models(never)).toEqual([expect.objectContaining(model)]);
  });

  it('marks embedding models, and asks them', async () => {
    await using both = await startBoth({
      models: [{ id: 'embed' }],
      pages: { '/api/v0/models': { data: [{ id: 'embed', type: 'embeddings' }] } },
    });
    expect(await both.engine.models(never)).toMatchObject([{ name: 'embed', capabilities: ['embedding'] }]);
    expect(await both.engine.embed?.({ model: 'embed', inputs: ['a', 'bcd'], dimensions: undefined }, never)).toEqual({
      vectors: [
        [1, 0.25, -1],
        [3, 0.25, -1],
      ],
      inputTokens: 6,
    });
  });

  it('pages that a server does not have are asked for once', async () => {
    await using both = await startBoth();
    for (let times = 0; times < 3; times += 1) await both.engine.models(never);
    expect(both.fake.requests.filter(({ path }) => path === '/props')).toHaveLength(1);
    expect(both.fake.requests.filter(({ path }) => path === '/v1/models')).toHaveLength(3);
  });

  it('a chat finds its model in a fresh list, and a new one in a new list', async () => {
    let nowMs = 0;
    await using both = await startBoth({}, { nowMs: () => nowMs });
    await collect(both.engine.chat(ask(), never));
    await collect(both.engine.chat(ask(), never));
    expect(both.fake.requests.filter(({ path }) => path === '/v1/models')).toHaveLength(1);
    both.fake.script.models = [{ id: 'new' }];
    await collect(both.engine.chat(ask({ model: 'new' }), never));
    nowMs += 60_000;
    await expect(collect(both.engine.chat(ask(), never))).rejects.toMatchObject({ code: 'engine_model_not_found' });
  });
});

describe('requests', () => {
  it('pass on what means the same everywhere, and nothing else', async () => {
    await using both = await startBoth();
    const schema = { type: 'json_schema', json_schema: { name: 'n', schema: { type: 'object' } } };
    const body = {
      messages: [
        { role: 'developer', content: 'be brief' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
        { role: 'assistant', content: null, tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] },
        { role: 'tool', tool_call_id: 'a', content: 'rain' },
      ],
      temperature: 0,
      seed: 0,
      stop: ['END'],
      response_format: schema,
      reasoning_effort: 'low',
      tools: [],
      tool_choice: 'auto',
      max_completion_tokens: 9,
      user: 'ann',
      metadata: { secret: 'x' },
      chat_template: '{{ evil }}',
    };
    await collect(both.engine.chat(ask(body, 9), never));
    expect(both.fake.chats[0]).toEqual({
      model: 'tiny',
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }] },
        {
          role: 'assistant',
          content: null,
          tool_calls: [{ id: 'a', type: 'function', function: { name: 'f', arguments: '{}' } }],
        },
        { role: 'tool', content: 'rain', tool_call_id: 'a' },
      ],
      temperature: 0,
      seed: 0,
      stop: ['END'],
      response_format: schema,
      reasoning_effort: 'low',
      stream: true,
      stream_options: { include_usage: true },
      max_tokens: 9,
    });
  });

  it.each([
    { type: 'image_url', image_url: { url: 'http://169.254.169.254/secret' } },
    { type: 'input_audio', input_audio: { data: 'AAAA', format: 'wav' } },
  ])('refuse $type that would have to be fetched or cannot be read', async (part) => {
    await using both = await startBoth();
    const chat = ask({ messages: [{ role: 'user', content: [part] }] });
    await expect(collect(both.engine.chat(chat, never))).rejects.toMatchObject({ code: 'engine_refused' });
    expect(both.fake.chats).toHaveLength(0);
  });

  it('leave room for the prompt in a strict context, and less of it when the first guess was too high', async () => {
    await using both = await startBoth({ models: [{ id: 'tiny', max_model_len: 1000 }], strictContext: 1000 });
    const messages = [{ role: 'user', content: 'x'.repeat(200) }];
    await expect(collect(both.engine.chat(ask({ messages }, 8192), never))).rejects.toMatchObject({
      code: 'context_exceeded',
    });
    expect(both.fake.chats.map((chat) => chat.max_tokens)).toEqual([945, 916]);
    both.fake.script.strictContext = 1150;
    expect((await collect(both.engine.chat(ask({ messages }, 8192), never))).at(-1)).toMatchObject({ reason: 'stop' });
    expect(both.fake.chats).toHaveLength(4);
  });

  it('that cannot fit are refused without asking', async () => {
    await using both = await startBoth();
    const messages = [{ role: 'user', content: 'word '.repeat(20_000) }];
    await expect(collect(both.engine.chat(ask({ messages }), never))).rejects.toMatchObject({
      code: 'context_exceeded',
    });
    expect(both.fake.chats).toHaveLength(0);
  });
});

describe('hanging up', () => {
  it.each([
    ['before the first token', { firstTokenDelayMs: 60_000 }, 0],
    ['in the middle of an answer', { tokens: 10_000, tokenDelayMs: 5 }, 3],
    ['while the server is silent', { fault: { kind: 'silence', afterTokens: 2 } as const }, 2],
  ])('%s closes the connection', async (_when, script, afterDeltas) => {
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
      for await (const _event of both.engine.chat(ask({}, 8000), controller.signal))
        if ((deltas += 1) === afterDeltas) abort();
    })();
    if (afterDeltas === 0) {
      await expect.poll(() => both.fake.running, { interval: 5 }).toBe(1);
      abort();
    }
    await expect(reading).rejects.toBe(reason);
    await expect.poll(() => both.fake.aborted, { interval: 5 }).toBe(1);
    const tookMs = (both.fake.abortedAtMs ?? Infinity) - abortedAtMs;
    console.log(`hang-up reached the engine after ${tookMs.toFixed(1)} ms`);
    expect(tookMs).toBeLessThan(1000);
  });

  it('leaving the loop does too', async () => {
    await using both = await startBoth({ tokens: 10_000, tokenDelayMs: 5 });
    for await (const event of both.engine.chat(ask({}, 8000), never)) {
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
