import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateObject, isStepCount, streamText, tool } from 'ai';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SAMPLE_MODEL_NAME } from '../../app/engine/sample.ts';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { checkStream } from './openai-chunk-schema.ts';
import { createRecordingFetch } from './recording-fetch.ts';

const place = z.object({ city: z.enum(['Oslo', 'Rome']), inhabitants: z.number() });
const PLACE = ['{"city":', '"Oslo",', '"inhabitants":', '700000}'];
const WEATHER = [{ name: 'weather', arguments: { city: 'Oslo' } }];
const question = [{ role: 'user' as const, content: 'hello' }];

let recording = createRecordingFetch();
beforeEach(() => {
  recording = createRecordingFetch();
});
// Whatever a story did, what it streamed is checked line by line.
afterEach(async () => {
  await recording.checked();
});

const openAiAt = (lobstah: LobstahProcess) =>
  new OpenAI({
    baseURL: `${lobstah.routerUrl}/v1`,
    apiKey: 'any',
    maxRetries: 0,
    fetch: (...args) => recording.fetch(...args),
  });
const aiSdkAt = (lobstah: LobstahProcess) =>
  createOpenAICompatible({
    name: 'lobstah',
    baseURL: `${lobstah.routerUrl}/v1`,
    includeUsage: true,
    supportsStructuredOutputs: true,
    fetch: (...args) => recording.fetch(...args),
  });

describe('with Ollama behind it', () => {
  let ollama: FakeOllama;
  let lobstah: LobstahProcess;
  beforeAll(async () => {
    ollama = await startFakeOllama({
      models: [
        { name: 'm', capabilities: ['completion', 'tools', 'thinking'] },
        { name: 'e', capabilities: ['embedding'] },
      ],
    });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    lobstah = await startLobstah(['up'], { home: createHome(), env });
  });
  afterAll(async () => {
    await lobstah.stop();
    await ollama.close();
  });
  beforeEach(() => {
    Object.assign(ollama.script, { tokens: ['Hel', 'lo ', '🦞'], toolCalls: [], thinking: [] });
  });
  /** A tool that is called once: after its result the model says its words. */
  function weatherOnce(calls: unknown[]) {
    ollama.script.toolCalls = WEATHER;
    return (args: unknown) => {
      calls.push(args);
      ollama.script.toolCalls = [];
      return 'sunny';
    };
  }

  describe('the openai SDK', () => {
    it('streams with its helper, reasoning, log probabilities and usage included', async () => {
      ollama.script.thinking = ['hm'];
      const stream = openAiAt(lobstah).chat.completions.stream({
        model: 'm',
        messages: question,
        logprobs: true,
        top_logprobs: 1,
        stream_options: { include_usage: true },
      });
      const pieces: string[] = [];
      stream.on('content', (delta) => pieces.push(delta));
      const whole = await stream.finalChatCompletion();
      expect(pieces.join('')).toBe('Hello 🦞');
      expect(whole.choices[0]?.message.content).toBe('Hello 🦞');
      expect(whole.choices[0]?.logprobs?.content?.map(({ token }) => token)).toEqual(['Hel', 'lo ', '🦞']);
      expect(whole.usage?.completion_tokens).toBe(4);
      const [chunks] = await recording.checked();
      expect(chunks?.some(({ choices }) => choices[0]?.delta.reasoning_content === 'hm')).toBe(true);
    });

    it.each([true, false])('runs tools and goes on with their results (stream: %s)', async (stream) => {
      const calls: unknown[] = [];
      const run = weatherOnce(calls);
      const body = {
        model: 'm',
        messages: question,
        tools: [
          {
            type: 'function' as const,
            function: {
              name: 'weather',
              description: 'the weather',
              parameters: { type: 'object', properties: { city: { type: 'string' } } },
              parse: (text: string) => JSON.parse(text) as object,
              function: run,
            },
          },
        ],
      };
      const client = openAiAt(lobstah);
      const runner = stream
        ? client.chat.completions.runTools({ ...body, stream: true })
        : client.chat.completions.runTools(body);
      expect(await runner.finalContent()).toBe('Hello 🦞');
      expect(calls).toEqual([{ city: 'Oslo' }]);
      expect(ollama.chats.at(-1)?.messages).toMatchObject([
        { role: 'user' },
        { role: 'assistant', tool_calls: [{ function: WEATHER[0] }] },
        { role: 'tool', content: 'sunny', tool_name: 'weather' },
      ]);
    });

    it('parses structured outputs', async () => {
      ollama.script.tokens = PLACE;
      const { choices } = await openAiAt(lobstah).chat.completions.parse({
        model: 'm',
        messages: question,
        response_format: zodResponseFormat(place, 'place'),
      });
      expect(choices[0]?.message.parsed).toEqual({ city: 'Oslo', inhabitants: 700_000 });
      expect(ollama.chats.at(-1)?.format).toMatchObject({ type: 'object', required: ['city', 'inhabitants'] });
    });

    it('gets embeddings, which it asks for in base64', async () => {
      const { data, usage } = await openAiAt(lobstah).embeddings.create({ model: 'e', input: ['ab', 'xyz'] });
      expect(data.map(({ embedding }) => [...embedding])).toEqual([
        [2, 97, 98, 0.5],
        [3, 120, 122, 0.5],
      ]);
      expect(usage).toEqual({ prompt_tokens: 2, total_tokens: 2 });
    });

    it('lists models, and finds one', async () => {
      const models = (await openAiAt(lobstah).models.list()).data;
      expect(models.map(({ id }) => id)).toEqual(['m', 'e', 'lobstah/auto', 'lobstah/local']);
      expect(models[0]).toMatchObject({
        object: 'model',
        context_length: 131_072,
        capabilities: ['tools', 'thinking'],
      });
      expect(await openAiAt(lobstah).models.retrieve('m')).toEqual(models[0]);
      expect(await openAiAt(lobstah).models.retrieve('lobstah/auto')).toEqual(models[2]);
      await expect(openAiAt(lobstah).models.retrieve('nope')).rejects.toMatchObject({
        status: 404,
        code: 'model_not_found',
      });
    });

    it('completes in the older way, streamed and not', async () => {
      const client = openAiAt(lobstah);
      const whole = await client.completions.create({ model: 'm', prompt: 'Once', max_tokens: 9 });
      expect(whole).toMatchObject({
        object: 'text_completion',
        choices: [{ text: 'Hello 🦞', index: 0, finish_reason: 'stop', logprobs: null }],
        usage: { completion_tokens: 3 },
      });
      expect(ollama.chats.at(-1)).toMatchObject({
        messages: [{ role: 'user', content: 'Once' }],
        options: { num_predict: 9 },
      });
      // Not a chat: its lines have a schema of their own.
      recording = createRecordingFetch();
      const plain = new OpenAI({ baseURL: `${lobstah.routerUrl}/v1`, apiKey: 'any' });
      const parts = [];
      for await (const part of await plain.completions.create({ model: 'm', prompt: 'Once', stream: true }))
        parts.push(part);
      expect(parts.map(({ choices }) => choices[0]?.text ?? '').join('')).toBe('Hello 🦞');
      expect(parts.flatMap(({ choices }) => choices[0]?.finish_reason ?? [])).toEqual(['stop']);
      expect(parts.at(-1)?.usage).toMatchObject({ completion_tokens: 3 });
      expect(new Set(parts.map(({ id, object }) => `${id} ${object}`)).size).toBe(1);
    });

    it.each<[string, object]>([
      ['n', { n: 2 }],
      ['audio', { audio: { voice: 'alloy', format: 'wav' }, modalities: ['text', 'audio'] }],
      ['web_search_options', { web_search_options: {} }],
      ['functions', { functions: [{ name: 'f' }] }],
    ])('is told that %s cannot be honoured', async (param, body) => {
      await expect(
        openAiAt(lobstah).chat.completions.create({ model: 'm', messages: question, ...body }),
      ).rejects.toMatchObject({ status: 400, code: 'unsupported_parameter', param });
    });
  });

  describe("Vercel's AI SDK", () => {
    it('streams text with usage', async () => {
      const result = streamText({ model: aiSdkAt(lobstah)('m'), prompt: 'hello', maxRetries: 0 });
      expect(await result.text).toBe('Hello 🦞');
      expect(await result.finishReason).toBe('stop');
      expect((await result.usage).outputTokens).toBe(3);
    });

    it('calls tools and goes on', async () => {
      const calls: unknown[] = [];
      const run = weatherOnce(calls);
      const result = streamText({
        model: aiSdkAt(lobstah)('m'),
        prompt: 'hello',
        maxRetries: 0,
        stopWhen: isStepCount(3),
        tools: {
          weather: tool({
            description: 'the weather',
            inputSchema: z.object({ city: z.string() }),
            execute: (input) => run(input),
          }),
        },
      });
      expect(await result.text).toBe('Hello 🦞');
      expect(calls).toEqual([{ city: 'Oslo' }]);
      expect(await result.steps).toHaveLength(2);
    });

    it('generates an object, and embeds', async () => {
      ollama.script.tokens = PLACE;
      const { object } = await generateObject({
        model: aiSdkAt(lobstah)('m'),
        schema: place,
        prompt: 'hello',
        maxRetries: 0,
      });
      expect(object).toEqual({ city: 'Oslo', inhabitants: 700_000 });
      const { embeddings } = await embedMany({ model: aiSdkAt(lobstah).embeddingModel('e'), values: ['ab'] });
      expect(embeddings).toEqual([[2, 97, 98, 0.5]]);
    });
  });
});

describe('with a real model in the built-in engine', () => {
  let lobstah: LobstahProcess;
  beforeAll(async () => {
    lobstah = await startLobstah(['up'], { home: createHome(), env: { LOBSTAH_ENGINE: 'sample' } });
  });
  afterAll(() => lobstah.stop());
  const model = SAMPLE_MODEL_NAME;

  it('the openai SDK streams, with exact usage', async () => {
    const stream = openAiAt(lobstah).chat.completions.stream({ model, messages: question, temperature: 0 });
    const whole = await stream.finalChatCompletion();
    expect(whole.choices[0]?.message.content).toMatch(/sample model/);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(3);
  });

  it('the openai SDK and the AI SDK get objects that fit their schema', async () => {
    const parsed = await openAiAt(lobstah).chat.completions.parse({
      model,
      messages: question,
      response_format: zodResponseFormat(z.object({ city: z.enum(['Oslo', 'Rome']) }), 'place'),
    });
    expect(['Oslo', 'Rome']).toContain(parsed.choices[0]?.message.parsed?.city);
    const { object } = await generateObject({
      model: aiSdkAt(lobstah)(model),
      schema: z.object({ isWarm: z.boolean() }),
      prompt: 'hello',
      maxRetries: 0,
    });
    expect(object).toEqual({ isWarm: expect.any(Boolean) as boolean });
  });

  it('the openai SDK runs the tool that it makes the model call', async () => {
    const calls: unknown[] = [];
    const runner = openAiAt(lobstah).chat.completions.runTools({
      model,
      messages: question,
      stream: true,
      tool_choice: { type: 'function', function: { name: 'lamp' } },
      tools: [
        {
          type: 'function',
          function: {
            name: 'lamp',
            description: 'switches the lamp',
            parameters: { type: 'object', properties: { on: { type: 'boolean' } }, required: ['on'] },
            parse: (text: string) => JSON.parse(text) as object,
            function: (args: object) => void calls.push(args),
          },
        },
      ],
    });
    await runner.done();
    expect(calls).toEqual([{ on: expect.any(Boolean) as boolean }]);
  });

  it('the AI SDK streams text', async () => {
    const result = streamText({ model: aiSdkAt(lobstah)(model), prompt: 'hello', temperature: 0, maxRetries: 0 });
    expect(await result.text).toMatch(/sample model/);
  });
});

describe('the check of streams itself', () => {
  const chunk = (members: object) =>
    `data: ${JSON.stringify({ id: 'a', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], ...members })}\n\n`;
  const choice = (members: object) => chunk({ choices: [{ index: 0, delta: {}, finish_reason: null, ...members }] });
  const finish = choice({ finish_reason: 'stop' });
  const usage = chunk({ usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 } });
  const done = 'data: [DONE]\n\n';

  it('takes a good one', () => {
    expect(checkStream(`: hello\n\n${choice({ delta: { content: 'x' } })}${finish}${usage}${done}`)).toHaveLength(3);
  });
  it.each([
    ['a member that is not OpenAI’s', chunk({ extra: 1 }) + finish + usage + done],
    ['a choice without its index', choice({ index: undefined }) + finish + usage + done],
    ['another id in the middle', chunk({ id: 'b' }) + finish + usage + done],
    ['no finish', usage + done],
    ['two of them', finish + finish + usage + done],
    ['no usage', finish + done],
    ['no end', finish + usage],
    ['something after the end', finish + usage + done + usage],
    ['half a line', `da${finish}${usage}${done}`],
  ])('finds %s', (_name, text) => {
    expect(() => checkStream(text)).toThrow();
  });
});
