import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { until } from './test-grid.ts';

/** Real llama.cpp behind a real worker and router, asked by the program most people use. */
describe('real inference, through router and worker', { timeout: 120_000 }, () => {
  let lobstah: LobstahProcess;
  let client: OpenAI;
  beforeAll(async () => {
    lobstah = await startLobstah(['up'], { home: createHome(), env: { LOBSTAH_ENGINE: 'sample' } });
    client = new OpenAI({ baseURL: `${lobstah.routerUrl}/v1`, apiKey: 'any', maxRetries: 0 });
  });
  afterAll(() => lobstah.stop());

  const model = 'lobstah-sample';
  const question = (content: string) => ({ model, messages: [{ role: 'user' as const, content }] });
  const receipts = async () => {
    const { stdout } = await runLobstah(['receipts', '--json'], { home: lobstah.home });
    return (JSON.parse(stdout) as { entries: { outputTokens: number }[] }).entries;
  };

  it('streams piece by piece, with usage at the end', async () => {
    const stream = await client.chat.completions.create({
      ...question('tell me a story'),
      stream: true,
      stream_options: { include_usage: true },
    });
    const pieces: string[] = [];
    let tokens: number | undefined;
    for await (const chunk of stream) {
      const text = chunk.choices[0]?.delta.content;
      if (text) pieces.push(text);
      tokens = chunk.usage?.completion_tokens ?? tokens;
    }
    expect(pieces.join('')).toMatch(/^Once there was .*\.$/s);
    expect(pieces.length).toBeGreaterThan(10);
    expect(tokens).toBeGreaterThanOrEqual(pieces.length);
  });

  it('answers four at once, each its own question', async () => {
    const sums = ['What is 2+2?', 'What is 3+4?', 'What is 1+1?', 'What is 2+3?'];
    const answers = await Promise.all(sums.map((sum) => client.chat.completions.create(question(sum))));
    expect(answers.map(({ choices }) => choices[0]?.message.content)).toEqual([
      '2 + 2 = 4.',
      '3 + 4 = 7.',
      '1 + 1 = 2.',
      '2 + 3 = 5.',
    ]);
  });

  it('holds an answer to a JSON schema', async () => {
    const schema = {
      type: 'object',
      properties: { ok: { type: 'boolean' }, colour: { enum: ['red', 'blue'] } },
      required: ['ok', 'colour'],
      additionalProperties: false,
    };
    const { choices } = await client.chat.completions.create({
      ...question('hello'),
      response_format: { type: 'json_schema', json_schema: { name: 'answer', strict: true, schema } },
    });
    expect(JSON.parse(choices[0]?.message.content ?? '')).toEqual({
      ok: expect.any(Boolean) as boolean,
      colour: expect.stringMatching(/^(red|blue)$/) as string,
    });
  });

  it('stops when the asker leaves: far fewer tokens are made than were allowed, and the next one is served', async () => {
    const before = (await receipts()).length;
    const list = { type: 'array', items: { type: 'integer' }, minItems: 30 };
    const schema = { type: 'object', properties: { lists: { type: 'array', items: list, minItems: 30 } } };
    const stream = await client.chat.completions.create({
      ...question('count'),
      max_tokens: 1900,
      stream: true,
      response_format: { type: 'json_schema', json_schema: { name: 'lists', schema } },
    });
    let pieces = 0;
    for await (const chunk of stream) {
      pieces += chunk.choices[0]?.delta.content ? 1 : 0;
      if (pieces === 5) break; // hangs up
    }
    await until(async () => (await receipts()).length > before, 'the cut answer is in the books');
    expect((await receipts())[0]?.outputTokens).toBeLessThan(1900);
    const next = await client.chat.completions.create(question('What is 2+2?'));
    expect(next.choices[0]?.message.content).toBe('2 + 2 = 4.');
  });
});
