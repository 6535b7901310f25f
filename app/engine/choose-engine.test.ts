import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseEngine, type ChooseEngineOptions } from './choose-engine.ts';
import type { EngineWish } from './engine-choice.ts';
import type { Engine, EngineEvent } from './engine.ts';
import { startFakeOpenAi } from './testing/fake-openai.ts';
import { startFakeOllama } from './testing/fake-ollama.ts';

const never = new AbortController().signal;
const NOBODY = 'http://127.0.0.1:1';
const sampleFile = fileURLToPath(new URL('../../resources/models/lobstah-sample.gguf', import.meta.url));

let modelsFolder: string;
let nowMs = 0;
let engines: Engine[] = [];
beforeEach(async () => (modelsFolder = await mkdtemp(join(tmpdir(), 'lobstah-models-'))));
afterEach(async () => {
  await Promise.all(engines.map((engine) => engine.close()));
  engines = [];
  await rm(modelsFolder, { recursive: true, force: true });
});

function choose(env: Record<string, string>, more: Partial<ChooseEngineOptions> = {}): Engine {
  const engine = chooseEngine({ env: { OLLAMA_HOST: NOBODY, ...env }, modelsFolder, nowMs: () => nowMs, ...more });
  engines.push(engine);
  return engine;
}
const later = () => (nowMs += 3000);
const look = async (engine: Engine) => [
  (await engine.status(never)).engine,
  ...(await engine.models(never)).map((model) => `${model.name}${model.ownUseOnly ? ' (own use)' : ''}`),
];

describe('auto', () => {
  it('prefers Ollama with models, then a downloaded model, then the sample, and notices every change', async () => {
    await using fake = await startFakeOllama({ models: [] });
    const engine = choose({ OLLAMA_HOST: fake.url });
    expect(await look(engine)).toEqual(['sample', 'lobstah-sample (own use)']);

    fake.script.models = [{ name: 'llama3.2:3b' }];
    later();
    expect(await look(engine)).toEqual(['ollama', 'llama3.2:3b']);

    await copyFile(sampleFile, join(modelsFolder, 'Qwen3-0.6B-Q8_0.gguf'));
    later();
    expect(await look(engine)).toEqual(['ollama', 'llama3.2:3b']);

    await fake.close();
    later();
    expect(await look(engine)).toEqual(['builtin', 'qwen3:0.6b-q8_0']);

    await rm(join(modelsFolder, 'Qwen3-0.6B-Q8_0.gguf'));
    later();
    expect(await look(engine)).toEqual(['sample', 'lobstah-sample (own use)']);
  });

  it('looks at most every few seconds, but at once after a failure', async () => {
    const fake = await startFakeOllama();
    const engine = choose({ OLLAMA_HOST: fake.url });
    await look(engine);
    const tagsAsked = () => fake.requests.filter(({ path }) => path === '/api/tags').length;
    const before = tagsAsked();
    await Promise.all([engine.status(never), engine.status(never)]);
    expect(tagsAsked()).toBe(before);
    await fake.close();
    const request = { model: 'tiny', messages: [{ role: 'user' as const, content: 'hi' }] };
    await expect(
      engine.chat({ request, maxOutputTokens: 5 }, never)[Symbol.asyncIterator]().next(),
    ).rejects.toMatchObject({
      code: 'engine_unreachable',
    });
    expect((await engine.status(never)).engine).toBe('sample');
  });

  it('chats with the engine that is in use', { timeout: 60_000 }, async () => {
    await using fake = await startFakeOllama({ models: [], tokens: ['from Ollama'] });
    const engine = choose({ OLLAMA_HOST: fake.url });
    const say = async (model: string) => {
      const events: EngineEvent[] = [];
      const request = { model, messages: [{ role: 'user' as const, content: 'What is 2+2?' }] };
      for await (const event of engine.chat({ request, maxOutputTokens: 50 }, never)) events.push(event);
      return events.map((event) => (event.type === 'delta' ? event.delta.content : '')).join('');
    };
    expect(await say('lobstah-sample')).toBe('2 + 2 = 4.');
    fake.script.models = [{ name: 'tiny:latest' }];
    later();
    expect(await say('tiny')).toBe('from Ollama');
    await expect(say('lobstah-sample')).rejects.toMatchObject({ code: 'engine_model_not_found' });
  });
});

describe('an OpenAI-compatible engine', () => {
  const wishFor = (url: string): EngineWish => ({ kind: 'openai', openai: { url } });

  it('is followed as soon as the settings name it, from one address to the next, each with its own key', async () => {
    await using first = await startFakeOpenAi({ models: [{ id: 'one' }], tokens: 200, tokenDelayMs: 5 });
    await using second = await startFakeOpenAi({ models: [{ id: 'two' }], key: 'sk-two' });
    let wish: EngineWish = { kind: 'auto', openai: null };
    const engine = choose({}, { wish: () => wish, keyFor: (origin) => (origin === second.url ? 'sk-two' : undefined) });
    expect(await look(engine)).toEqual(['sample', 'lobstah-sample (own use)']);
    wish = wishFor(first.url);
    expect(await look(engine)).toEqual(['openai-compatible', 'one']);
    const request = { model: 'one', messages: [{ role: 'user' as const, content: 'hi' }] };
    const stream = engine.chat({ request, maxOutputTokens: 200 }, never)[Symbol.asyncIterator]();
    await stream.next();
    wish = wishFor(second.url);
    expect(await look(engine)).toEqual(['openai-compatible', 'two']);
    // What the first was saying goes on to its end.
    let last: EngineEvent | undefined;
    for (let step = await stream.next(); !step.done; step = await stream.next()) last = step.value;
    expect(last).toMatchObject({ type: 'finish', usage: { outputTokens: 200 } });
    expect(first.requests.every(({ authorization }) => authorization === undefined)).toBe(true);
  });

  it('by the environment, which goes before the settings', async () => {
    await using fake = await startFakeOpenAi();
    for (const env of [{ LOBSTAH_ENGINE: 'openai', LOBSTAH_ENGINE_URL: fake.url }, { LOBSTAH_ENGINE_URL: fake.url }])
      expect(await look(choose(env, { wish: () => ({ kind: 'sample', openai: null }) }))).toEqual([
        'openai-compatible',
        'tiny',
      ]);
  });

  it('without an address says so', async () => {
    const engine = choose({ LOBSTAH_ENGINE: 'openai' });
    expect(await engine.status(never)).toMatchObject({
      reachable: false,
      problem: expect.stringContaining('no address'),
    });
    expect(await engine.models(never)).toEqual([]);
  });
});

describe('a wish', () => {
  it('for Ollama is kept while it is away', async () => {
    expect(await choose({ LOBSTAH_ENGINE: 'ollama' }).status(never)).toMatchObject({
      engine: 'ollama',
      reachable: false,
      where: NOBODY,
    });
  });

  it('for the built-in engine says when there is no model for it', async () => {
    const engine = choose({ LOBSTAH_ENGINE: 'builtin' });
    expect(await engine.status(never)).toMatchObject({
      engine: 'builtin',
      reachable: false,
      problem: expect.stringContaining('No model'),
    });
    expect(await engine.models(never)).toEqual([]);
    await copyFile(sampleFile, join(modelsFolder, 'mine.gguf'));
    later();
    expect(await look(engine)).toEqual(['builtin', 'mine']);
  });

  it('for the sample is kept although there is Ollama', async () => {
    await using fake = await startFakeOllama();
    expect(await look(choose({ LOBSTAH_ENGINE: ' Sample ', OLLAMA_HOST: fake.url }))).toEqual([
      'sample',
      'lobstah-sample (own use)',
    ]);
    expect(fake.requests).toHaveLength(0);
  });

  it.each([
    [{ LOBSTAH_ENGINE: 'olama' }, 'LOBSTAH_ENGINE'],
    [{ OLLAMA_HOST: 'ftp://x' }, 'OLLAMA_HOST'],
    [{ LOBSTAH_ENGINE_URL: 'ftp://x' }, 'LOBSTAH_ENGINE_URL'],
  ])('that is not understood is an error: %o', (env, variable) => {
    expect(() => choose(env)).toThrow(expect.objectContaining({ code: 'invalid_argument', details: { variable } }));
  });
});
