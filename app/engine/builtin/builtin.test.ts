import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { parseChatRequest } from '../../protocol/chat.ts';
import type { Engine, EngineChat, EngineEvent } from '../engine.ts';
import { createSampleEngine, SAMPLE_MODEL_NAME } from '../sample.ts';
import { longAnswer } from '../testing/long-answer.ts';
import { createBuiltinEngine } from './builtin.ts';
import type { FromLlamaHost } from './llama-messages.ts';
import { forkLlamaHost, type LlamaProcess, type SpawnLlamaHost } from './llama-process.ts';

const never = new AbortController().signal;
const modelPath = fileURLToPath(new URL('../../../resources/models/lobstah-sample.gguf', import.meta.url));
/** The first answer loads llama.cpp, on a machine that other tests share. */
const SLOW_MS = 60_000;

const user = (content: unknown) => ({ role: 'user', content });
function ask(messages: unknown, body: Record<string, unknown> = {}, maxOutputTokens = 300): EngineChat {
  const list = Array.isArray(messages) ? messages : [user(messages)];
  return { request: parseChatRequest({ model: SAMPLE_MODEL_NAME, messages: list, ...body }), maxOutputTokens };
}
async function answer(engine: Engine, chat: EngineChat) {
  const events: EngineEvent[] = [];
  for await (const event of engine.chat(chat, never)) events.push(event);
  const text = events.map((event) => (event.type === 'delta' ? (event.delta.content ?? '') : '')).join('');
  return { text, deltas: events.length - 1, finish: events.at(-1) };
}

/** Forks as usual and remembers what was started and said. */
function tapped() {
  const hosts: LlamaProcess[] = [];
  const heard: FromLlamaHost[] = [];
  const spawnHost: SpawnLlamaHost = (config) => {
    const host = forkLlamaHost(config);
    host.onMessage((message) => heard.push(message));
    hosts.push(host);
    return host;
  };
  return { hosts, heard, spawnHost };
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describe('the sample model', { timeout: SLOW_MS }, () => {
  const tap = tapped();
  const engine = createSampleEngine({ spawnHost: tap.spawnHost });
  afterAll(() => engine.close());

  it('starts nothing before the first chat, and says what it is', async () => {
    expect(await engine.status(never)).toEqual({ engine: 'sample', reachable: true, where: 'inside Lobstah' });
    expect(await engine.models(never)).toMatchObject([
      { name: SAMPLE_MODEL_NAME, contextLength: 2048, ownUseOnly: true, capabilities: [], loaded: false },
    ]);
    expect(tap.hosts).toHaveLength(0);
  });

  it('really generates, in many pieces, with exact counts', async () => {
    const hello = await answer(engine, ask('hello'));
    expect(hello.text).toMatch(/^(Hello|Hi).*I am the sample model inside Lobstah\. .*(Ollama|ollama)/s);
    expect(hello.deltas).toBeGreaterThan(10);
    expect(hello.finish).toMatchObject({ reason: 'stop', usage: { inputTokens: 5, estimated: false } });
    expect((await answer(engine, ask('What is 2+2?'))).text).toBe('2 + 2 = 4.');
    expect((await answer(engine, ask('tell me a story'))).text).toMatch(/^Once there was .* who lived .*\.$/s);
    expect(tap.hosts).toHaveLength(1);
    expect(await engine.models(never)).toMatchObject([{ loaded: true }]);
  });

  it('is the same each time unless told otherwise; a seed holds', async () => {
    const [first, second] = [
      await answer(engine, ask('tell me a story')),
      await answer(engine, ask('tell me a story')),
    ];
    expect(second.text).toBe(first.text);
    const drawn = async (seed: number) =>
      (await answer(engine, ask('tell me a story', { temperature: 1.2, seed }))).text;
    expect(await drawn(7)).toBe(await drawn(7));
    expect(new Set([await drawn(1), await drawn(2), await drawn(3), first.text]).size).toBeGreaterThan(1);
  });

  it('sees the whole conversation', async () => {
    const talk = [user('hello'), { role: 'assistant', content: 'Hello!' }, user('What is 2+2?')];
    const { text, finish } = await answer(engine, ask(talk));
    expect(text).toBe('2 + 2 = 4.');
    expect((finish as { usage: { inputTokens: number } }).usage.inputTokens).toBeGreaterThan(15);
  });

  it('ends at the cap and at stop words', async () => {
    const capped = await answer(engine, ask('tell me a story', {}, 6));
    expect(capped.finish).toMatchObject({ reason: 'length', usage: { outputTokens: 6 } });
    const stopped = await answer(engine, ask('tell me a story', { stop: ['who lived'] }));
    expect(stopped.finish).toMatchObject({ reason: 'stop' });
    expect(stopped.text).toMatch(/^Once there was /);
    expect(stopped.text).not.toContain('who');
  });

  it('answers an agent with its long system prompt, array content and tools', async () => {
    const tools = Array.from({ length: 12 }, (_, index) => ({
      type: 'function',
      function: { name: `t${index}`, parameters: {} },
    }));
    const messages = [
      { role: 'system', content: 'You are an agent. '.repeat(2300) },
      user([{ type: 'text', text: 'hello' }]),
    ];
    const { text } = await answer(
      engine,
      ask(messages, { tools, tool_choice: 'auto', max_completion_tokens: 8192 }, 8192),
    );
    expect(text).toContain('sample model inside Lobstah');
  });

  it('holds an answer to JSON', async () => {
    const format = {
      type: 'json_schema',
      json_schema: { schema: { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] } },
    };
    const { text } = await answer(engine, ask('hello', { response_format: format }));
    expect(JSON.parse(text)).toEqual({ ok: expect.any(Boolean) });
  });

  it('holds an answer to a schema with all that schemas of clients have in them', async () => {
    const schema = {
      type: 'object',
      properties: {
        kind: { enum: ['a', 'b'] },
        count: { anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }] },
        list: { type: 'array', items: { $ref: '#/definitions/item' }, minItems: 2, maxItems: 2 },
      },
      required: ['kind', 'list'],
      additionalProperties: false,
      definitions: { item: { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'] } },
    };
    const format = { type: 'json_schema', json_schema: { name: 'n', schema } };
    const { text, finish } = await answer(engine, ask('hello', { response_format: format }));
    const item = { on: expect.any(Boolean) as boolean };
    expect(JSON.parse(text)).toMatchObject({ kind: expect.stringMatching(/^[ab]$/) as string, list: [item, item] });
    expect(finish).toMatchObject({ reason: 'stop' });
  });

  describe('tools', () => {
    const params = { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'] };
    const tools = [
      { type: 'function', function: { name: 'lamp', description: 'a lamp', parameters: params } },
      { type: 'function', function: { name: 'bell' } },
    ];
    const callsOf = async (body: object, maxOutputTokens = 300) => {
      const events: EngineEvent[] = [];
      const chat = ask('hello', { tools, ...body }, maxOutputTokens);
      for await (const event of engine.chat(chat, never)) events.push(event);
      const calls = events.flatMap((event) => (event.type === 'delta' ? (event.delta.toolCalls ?? []) : []));
      return { calls, texts: events.length - calls.length - 1, finish: events.at(-1) };
    };
    const lampCall = { index: 0, id: expect.stringMatching(/^call_/) as string, name: 'lamp' };

    it('a named one is called, with arguments that fit its schema', async () => {
      const { calls, texts, finish } = await callsOf({ tool_choice: { type: 'function', function: { name: 'lamp' } } });
      expect(calls).toEqual([{ ...lampCall, arguments: expect.stringMatching(/^\{"on":(true|false)\}$/) as string }]);
      expect(texts).toBe(0);
      expect(finish).toMatchObject({ reason: 'tool_calls', usage: { estimated: false } });
      const bell = await callsOf({ tool_choice: { type: 'function', function: { name: 'bell' } } });
      expect(bell.calls).toMatchObject([{ name: 'bell', arguments: '{}' }]);
    });

    it('when one is required, one of them is called', async () => {
      const { calls, finish } = await callsOf({ tool_choice: 'required' });
      expect(calls).toMatchObject([{ name: expect.stringMatching(/^(lamp|bell)$/) as string }]);
      expect(finish).toMatchObject({ reason: 'tool_calls' });
    });

    it('with none, or with a model that was not made for them, the answer is words', async () => {
      for (const choice of ['none', 'auto']) {
        const { calls, texts, finish } = await callsOf({ tool_choice: choice });
        expect(calls).toEqual([]);
        expect(texts).toBeGreaterThan(3);
        expect(finish).toMatchObject({ reason: 'stop' });
      }
    });

    it('a call that is cut at the cap is no call', async () => {
      const { calls, texts, finish } = await callsOf({ tool_choice: 'required' }, 3);
      expect([calls, texts, finish]).toMatchObject([[], 0, { reason: 'length' }]);
    });

    it.each([
      ['one that is not there', { tool_choice: { type: 'function', function: { name: 'horn' } } }],
      ['a choice nobody knows', { tool_choice: 'maybe' }],
    ])('refuses %s', async (_what, body) => {
      await expect(callsOf(body)).rejects.toMatchObject({ code: 'engine_refused' });
    });
  });

  it.each([
    [
      'a schema no grammar can hold',
      ask('hello', { response_format: { type: 'json_schema', json_schema: { schema: { not: {} } } } }),
      'engine_refused',
    ],
    ['another model', ask('hello', { model: 'llama3' }), 'engine_model_not_found'],
    [
      'an image',
      ask([user([{ type: 'image_url', image_url: { url: 'data:image/png;base64,AAAA' } }])]),
      'engine_refused',
    ],
    ['a last question longer than its context', ask('word '.repeat(9000)), 'context_exceeded'],
  ])('refuses %s', async (_what, chat, code) => {
    await expect(answer(engine, chat)).rejects.toMatchObject({ code });
  });

  it('stops when the asker leaves, and takes the next one', async () => {
    const controller = new AbortController();
    const reason = new Error('the client left');
    let deltas = 0;
    let leftAtMs = 0;
    const reading = (async () => {
      for await (const _event of engine.chat(longAnswer(), controller.signal))
        if ((deltas += 1) === 5) {
          leftAtMs = performance.now();
          controller.abort(reason);
        }
    })();
    await expect(reading).rejects.toBe(reason);
    await expect
      .poll(() => tap.heard.find((message) => message.type === 'aborted'), { interval: 5, timeout: 5_000 })
      .toBeDefined();
    const tookMs = performance.now() - leftAtMs;
    console.log(`llama.cpp stopped ${tookMs.toFixed(1)} ms after the asker left`);
    expect(tookMs).toBeLessThan(1000);
    expect(tap.heard.find((message) => message.type === 'aborted')).toMatchObject({
      outputTokens: expect.toSatisfy((count: number) => count < 1000),
    });
    expect((await answer(engine, ask('What is 2+2?'))).text).toBe('2 + 2 = 4.');
  });

  it('keeps four askers apart, one after the other', async () => {
    const questions = ['What is 2+2?', 'What is 3+4?', 'hello', 'What is 2+2?'];
    const answers = await Promise.all(questions.map((text) => answer(engine, ask(text))));
    expect(answers.map(({ text }) => text.slice(0, 10))).toEqual([
      '2 + 2 = 4.',
      '3 + 4 = 7.',
      expect.stringMatching(/^H/),
      '2 + 2 = 4.',
    ]);
  });

  it('gives its memory back when told to, unless it is answering', async () => {
    const stream = engine.chat(longAnswer(), never)[Symbol.asyncIterator]();
    await stream.next();
    expect(await engine.unload?.(SAMPLE_MODEL_NAME, never)).toBe(false);
    await stream.return?.();
    await expect.poll(() => engine.unload?.(SAMPLE_MODEL_NAME, never), { interval: 20, timeout: 10_000 }).toBe(true);
    expect(await engine.models(never)).toMatchObject([{ loaded: false }]);
    expect((await answer(engine, ask('What is 2+2?'))).text).toBe('2 + 2 = 4.');
  });

  it('an asker who leaves while waiting is never answered', async () => {
    const controller = new AbortController();
    const first = answer(engine, ask('tell me a story'));
    const second = engine.chat(ask('hello'), controller.signal)[Symbol.asyncIterator]().next();
    controller.abort(new Error('changed my mind'));
    await expect(second).rejects.toThrow('changed my mind');
    expect((await first).finish).toMatchObject({ reason: 'stop' });
  });

  it('survives the death of its process: this chat fails, the next one starts it again', async () => {
    const before = tap.hosts.length;
    const dying = (async () => {
      for await (const _event of engine.chat(longAnswer(), never)) tap.hosts.at(-1)?.kill('SIGKILL');
    })();
    await expect(dying).rejects.toMatchObject({ code: 'engine_error', message: expect.stringContaining('SIGKILL') });
    expect((await answer(engine, ask('What is 2+2?'))).text).toBe('2 + 2 = 4.');
    expect(tap.hosts).toHaveLength(before + 1);
  });

  it('closing ends its process and what it was saying', async () => {
    const tapHere = tapped();
    const here = createSampleEngine({ spawnHost: tapHere.spawnHost });
    const stream = here.chat(longAnswer(), never)[Symbol.asyncIterator]();
    await stream.next();
    await here.close();
    await expect(async () => {
      for (;;) if ((await stream.next()).done) return;
    }).rejects.toMatchObject({ code: 'engine_error' });
    expect(isAlive(tapHere.hosts[0]?.pid ?? 0)).toBe(false);
    await expect(answer(here, ask('hello'))).rejects.toMatchObject({ code: 'engine_error' });
  });
});

describe('the built-in engine', { timeout: SLOW_MS }, () => {
  it('with a real model never leaves out a part of the prompt', async () => {
    const engine = createBuiltinEngine({ engineName: 'builtin', modelName: 'm', modelPath, ownUseOnly: false });
    const messages = [{ role: 'system', content: 'You are an agent. '.repeat(2300) }, user('hello')];
    await expect(answer(engine, ask(messages, { model: 'm' }))).rejects.toMatchObject({ code: 'context_exceeded' });
    await engine.close();
  });

  it('stops its process when there is nothing to do, and starts it again', async () => {
    const tap = tapped();
    const engine = createSampleEngine({ spawnHost: tap.spawnHost, idleMs: 20 });
    await answer(engine, ask('hello'));
    await expect.poll(() => isAlive(tap.hosts[0]?.pid ?? 0), { interval: 10, timeout: 10_000 }).toBe(false);
    expect((await answer(engine, ask('What is 2+2?'))).text).toBe('2 + 2 = 4.');
    await engine.close();
  });

  it('a file that is missing or no model is said in words', async () => {
    const missing = createBuiltinEngine({
      engineName: 'builtin',
      modelName: 'm',
      modelPath: '/nowhere/m.gguf',
      ownUseOnly: false,
    });
    expect(await missing.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining("'m' is missing"),
    });
    expect(await missing.models(never)).toEqual([]);
    await expect(answer(missing, ask('hello', { model: 'm' }))).rejects.toMatchObject({
      code: 'engine_model_not_found',
    });
    const wrong = createBuiltinEngine({
      engineName: 'builtin',
      modelName: 'm',
      modelPath: import.meta.filename,
      ownUseOnly: false,
    });
    await expect(answer(wrong, ask('hello', { model: 'm' }))).rejects.toMatchObject({
      code: 'engine_error',
      message: 'llama.cpp could not load the model on this machine.',
    });
    await wrong.close();
  });

  it('leaves no process behind when its parent is killed', async () => {
    const parent = spawn(
      process.execPath,
      [fileURLToPath(new URL('../testing/chat-until-killed.ts', import.meta.url))],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const lines = createInterface(parent.stdout);
    const [pid] = (await once(lines, 'line')) as [string];
    await once(parent.stdout, 'data');
    expect(isAlive(Number(pid))).toBe(true);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await expect.poll(() => isAlive(Number(pid)), { interval: 20, timeout: 10_000 }).toBe(false);
  });
});
