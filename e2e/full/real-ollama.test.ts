import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../app/engine/engine.ts';
import { createOllama } from '../../app/engine/ollama.ts';
import { parseOllamaHost } from '../../app/engine/ollama-host.ts';
import { parseChatRequest } from '../../app/protocol/chat.ts';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { chat } from '../grid/test-grid.ts';

const never = new AbortController().signal;
const baseUrl = parseOllamaHost(process.env['OLLAMA_HOST']);
const ollama = createOllama({ baseUrl });
const { reachable } = await ollama.status(AbortSignal.timeout(3_000));
const models = reachable ? await ollama.models(AbortSignal.timeout(5_000)) : [];
const smallest = models.toSorted((a, b) => (a.sizeBytes ?? Infinity) - (b.sizeBytes ?? Infinity))[0];

describe('a real Ollama', () => {
  it.runIf(smallest)('answers through router and worker, streamed and not', async () => {
    const lobstah = await startLobstah(['up'], {
      home: createHome(),
      env: { OLLAMA_HOST: baseUrl, LOBSTAH_ENGINE: 'ollama' },
    });
    const question = { model: smallest?.name, max_tokens: 20 };
    const streamed = await chat(`${lobstah.routerUrl}/v1`, question);
    expect(streamed).toMatchObject({ status: 200, done: true });
    const whole = await chat(`${lobstah.routerUrl}/v1`, { ...question, stream: false });
    expect(JSON.parse(whole.text)).toMatchObject({ choices: [{ finish_reason: expect.any(String) as string }] });
    await lobstah.stop();
  });

  const ask = async (body: object, maxOutputTokens = 60, signal = never) => {
    const messages = [{ role: 'user', content: 'Name a colour.' }];
    const request = parseChatRequest({ model: smallest?.name, temperature: 0, messages, ...body });
    const events: EngineEvent[] = [];
    for await (const event of ollama.chat({ request, maxOutputTokens }, signal)) events.push(event);
    return { events, text: events.map((event) => (event.type === 'delta' ? event.delta.content : '')).join('') };
  };

  it.runIf(smallest)('holds an answer to a JSON schema', async () => {
    const schema = { type: 'object', properties: { ok: { type: 'boolean' } }, required: ['ok'] };
    const { text } = await ask({ response_format: { type: 'json_schema', json_schema: { name: 'n', schema } } });
    expect(JSON.parse(text)).toEqual({ ok: expect.any(Boolean) as boolean });
  });

  it.runIf(smallest)('tells log probabilities, stops at the cap and keeps a seed', async () => {
    const { events } = await ask({ logprobs: true, top_logprobs: 2, seed: 7, reasoning_effort: 'none' }, 3);
    const said = events.find((event) => event.type === 'delta' && event.delta.content);
    expect(said).toMatchObject({ delta: { logprobs: [{ logprob: expect.any(Number) as number }] } });
    expect(events.at(-1)).toMatchObject({ reason: 'length', usage: { outputTokens: 3, estimated: false } });
    expect((await ask({ seed: 7 }, 10)).text).toBe((await ask({ seed: 7 }, 10)).text);
  });

  it.runIf(smallest)('answers four at once, and stops when the asker leaves', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => ask({}, 10)));
    for (const { events } of answers) expect(events.at(-1)).toMatchObject({ type: 'finish' });
    const controller = new AbortController();
    const leaving = ask({ messages: [{ role: 'user', content: 'Tell a very long story.' }] }, 4000, controller.signal);
    const timer = setTimeout(() => controller.abort(new Error('left')), 1_000);
    await expect(leaving).rejects.toThrow('left');
    clearTimeout(timer);
    expect(await ollama.unload?.(smallest?.name ?? '', never)).toBe(true);
    expect((await ollama.models(never)).find(({ name }) => name === smallest?.name)?.loaded).toBe(false);
  });
});
