import { copyFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { createBuiltinEngine } from '../../app/engine/builtin/builtin.ts';
import type { EngineEvent } from '../../app/engine/engine.ts';
import { parseChatRequest } from '../../app/protocol/chat.ts';
import { gemmaForTests } from './gemma-for-tests.ts';
import { createHome, startLobstah } from '../grid/lobstah-process.ts';
import { chat } from '../grid/test-grid.ts';

const gemma = await gemmaForTests();
if ('missing' in gemma) console.log(`gemma is skipped: ${gemma.missing}`);
const modelPath = 'path' in gemma ? gemma.path : '';
const never = new AbortController().signal;

describe.runIf(modelPath !== '')('gemma 270m, a real small model', () => {
  const engine = createBuiltinEngine({ engineName: 'builtin', modelName: 'gemma', modelPath, ownUseOnly: false });
  afterAll(() => engine.close());

  /** It was trained to go on with texts, not to obey: two examples say what is wanted. */
  const capitalOf = (country: string) => ({
    messages: [
      { role: 'user', content: 'Capital of Italy?' },
      { role: 'assistant', content: 'Rome' },
      { role: 'user', content: 'Capital of Spain?' },
      { role: 'assistant', content: 'Madrid' },
      { role: 'user', content: `Capital of ${country}?` },
    ],
  });

  async function answer(content: string, body: object = {}, maxOutputTokens = 40, signal = never) {
    const request = parseChatRequest({
      model: 'gemma',
      temperature: 0,
      messages: [{ role: 'user', content }],
      ...body,
    });
    const events: EngineEvent[] = [];
    for await (const event of engine.chat({ request, maxOutputTokens }, signal)) events.push(event);
    const deltas = events.flatMap((event) => (event.type === 'delta' ? [event.delta] : []));
    return {
      text: deltas.map(({ content: text = '' }) => text).join(''),
      calls: deltas.flatMap(({ toolCalls = [] }) => toolCalls),
      pieces: deltas.length,
      finish: events.at(-1),
    };
  }

  it('streams words that make sense, with exact counts', async () => {
    const startedMs = performance.now();
    const { text, pieces, finish } = await answer('', capitalOf('France'), 10);
    const tokensPerSecond = (pieces / (performance.now() - startedMs)) * 1000;
    console.log(`gemma said ${JSON.stringify(text)}, ${tokensPerSecond.toFixed(1)} tokens/s with loading`);
    expect(text).toMatch(/^\s*Paris/);
    expect(pieces).toBeGreaterThan(3);
    expect(finish).toMatchObject({ type: 'finish', usage: { estimated: false } });
  });

  it('stops when the asker leaves, and takes the next one', async () => {
    const controller = new AbortController();
    const reason = new Error('the client left');
    const request = parseChatRequest({ model: 'gemma', messages: [{ role: 'user', content: 'Tell a long story.' }] });
    let deltas = 0;
    const reading = (async () => {
      for await (const _event of engine.chat({ request, maxOutputTokens: 2000 }, controller.signal))
        if ((deltas += 1) === 5) controller.abort(reason);
    })();
    await expect(reading).rejects.toBe(reason);
    const leftMs = performance.now();
    expect((await answer('Say hello.', {}, 5)).pieces).toBeGreaterThan(0);
    console.log(`the next answer was whole ${Math.round(performance.now() - leftMs)} ms after the one before was left`);
  });

  it('answers four at once with what each of them gets alone', async () => {
    const asked = ['France', 'Germany', 'Portugal', 'Japan'].map(capitalOf);
    const alone: string[] = [];
    for (const body of asked) alone.push((await answer('', body, 5)).text);
    const together = await Promise.all(asked.map((body) => answer('', body, 5)));
    expect(together.map(({ text }) => text)).toEqual(alone);
    expect(alone[0]).toContain('Paris');
    expect(alone[3]).toContain('Tokyo');
    expect(new Set(alone).size).toBe(4);
  });

  it('holds an answer to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { country: { type: 'string', maxLength: 20 }, in_europe: { type: 'boolean' } },
      required: ['country', 'in_europe'],
      additionalProperties: false,
    };
    const format = { type: 'json_schema', json_schema: { name: 'place', schema, strict: true } };
    const { text } = await answer('Where is Paris? Answer as JSON.', { response_format: format }, 100);
    expect(JSON.parse(text)).toEqual({
      country: expect.any(String) as string,
      in_europe: expect.any(Boolean) as boolean,
    });
  });

  it('calls the tool it has to, with arguments that fit', async () => {
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
    const tools = [{ type: 'function', function: { name: 'weather', description: 'weather of a city', parameters } }];
    const { calls, finish } = await answer('How is the weather in Oslo?', { tools, tool_choice: 'required' }, 60);
    expect(calls).toMatchObject([{ index: 0, name: 'weather' }]);
    expect(JSON.parse(calls[0]?.arguments ?? '')).toEqual({ city: expect.stringMatching(/oslo/i) as string });
    expect(finish).toMatchObject({ reason: 'tool_calls' });
  });

  it('is shared by a worker as any other model', async () => {
    const home = createHome();
    mkdirSync(join(home, 'models'));
    copyFileSync(modelPath, join(home, 'models', 'gemma-3-270m.gguf'));
    const lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'builtin' } });
    const question = { model: 'gemma-3-270m', max_tokens: 20, temperature: 0 };
    const streamed = await chat(`${lobstah.routerUrl}/v1`, question);
    expect(streamed).toMatchObject({ status: 200, done: true });
    expect(streamed.content.length).toBeGreaterThan(5);
    await lobstah.stop();
  });
});
