import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createOllama } from '../ollama.ts';
import { startFakeOllama } from './fake-ollama.ts';

const post = (url: string, body: unknown) => fetch(`${url}/api/chat`, { method: 'POST', body: JSON.stringify(body) });
const hi = [{ role: 'user', content: 'hi' }];

describe('the fake Ollama refuses what the real one refuses', () => {
  it.each([
    [{}, 400, 'model is required'],
    [{ model: 'nope', messages: hi }, 404, "model 'nope' not found"],
    [
      { model: 'plain', messages: hi, tools: [{}] },
      400,
      'registry.ollama.ai/library/plain:latest does not support tools',
    ],
    [{ model: 'plain', messages: hi, think: true }, 400, '"plain" does not support thinking'],
    [
      { model: 'plain', messages: hi, options: { temperature: 'hot' } },
      500,
      'option "temperature" must be of type float32',
    ],
    [{ model: 'plain', messages: hi, options: { seed: '7' } }, 500, 'option "seed" must be of type integer'],
    [
      { model: 'plain', messages: hi, format: 'yaml' },
      500,
      'invalid format: "\\"yaml\\""; expected "json" or a valid JSON Schema object',
    ],
    [
      { model: 'plain', messages: [{ role: 'user', content: 'x'.repeat(20_000) }], truncate: false },
      400,
      'the input length exceeds the context length',
    ],
  ])('%o', async (body, status, error) => {
    await using fake = await startFakeOllama({ models: [{ name: 'plain:latest', capabilities: ['completion'] }] });
    const answer = await post(fake.url, body);
    expect(answer.status).toBe(status);
    expect(await answer.json()).toEqual({ error });
  });

  it('cuts a long prompt silently when it may', async () => {
    await using fake = await startFakeOllama();
    const answer = await post(fake.url, { model: 'tiny', messages: [{ role: 'user', content: 'x'.repeat(20_000) }] });
    expect(JSON.parse((await answer.text()).trim().split('\n').at(-1) ?? '')).toMatchObject({
      done: true,
      prompt_eval_count: 4096,
    });
  });
});

it('runs as a process of its own', { timeout: 30_000 }, async () => {
  const program = fileURLToPath(new URL('./fake-ollama-main.ts', import.meta.url));
  const child = spawn(process.execPath, [program, '--tokens', '3', '--model', 'a:1b', '--model', 'b:1b'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  const engine = createOllama({ baseUrl: url });
  const { signal } = new AbortController();
  expect((await engine.models(signal)).map((model) => model.name)).toEqual(['a:1b', 'b:1b']);
  let deltas = 0;
  const request = { model: 'b:1b', messages: [{ role: 'user' as const, content: 'hi' }] };
  for await (const event of engine.chat({ request, maxOutputTokens: 9 }, signal))
    deltas += event.type === 'delta' ? 1 : 0;
  expect(deltas).toBe(3);
  await engine.close();
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});
