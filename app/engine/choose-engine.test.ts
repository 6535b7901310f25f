import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { chooseEngine } from './choose-engine.ts';
import type { Engine, EngineEvent } from './engine.ts';
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

function choose(env: Record<string, string>): Engine {
  const engine = chooseEngine({ env: { OLLAMA_HOST: NOBODY, ...env }, modelsFolder, nowMs: () => nowMs });
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
  ])('that is not understood is an error: %o', (env, variable) => {
    expect(() => choose(env)).toThrow(expect.objectContaining({ code: 'invalid_argument', details: { variable } }));
  });
});
