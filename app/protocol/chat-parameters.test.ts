import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DROPPED_PARAMETERS, REFUSED_PARAMETERS, withoutDropped } from './chat-parameters.ts';
import { parseChatRequest } from './chat.ts';
import { chatOfCompletion } from './completions.ts';
import { embeddingAnswer, parseEmbeddingAnswer, parseEmbeddingRequest } from './embeddings.ts';

const chat = (body: object) => () =>
  parseChatRequest({ model: 'm', messages: [{ role: 'user', content: 'hi' }], ...body });
const refusal = (param: string) =>
  expect.objectContaining({ code: 'unsupported_parameter', details: { param } }) as Error;

describe('a chat with', () => {
  it.each<[string, object]>([
    ['n', { n: 2 }],
    ['n', { n: 0 }],
    ['audio', { audio: { voice: 'alloy', format: 'wav' } }],
    ['modalities', { modalities: ['text', 'audio'] }],
    ['web_search_options', { web_search_options: {} }],
    ['functions', { functions: [{ name: 'f' }] }],
    ['function_call', { function_call: { name: 'f' } }],
    ['verbosity', { verbosity: 'low' }],
    ['top_logprobs', { top_logprobs: 2 }],
  ])('%s is refused by name: %j', (param, body) => {
    expect(chat(body)).toThrow(refusal(param));
    expect(chat(body)).toThrow(`'${param}'`);
  });

  it.each([
    { n: 1 },
    { modalities: ['text'] },
    { functions: [], function_call: 'none' },
    { verbosity: 'medium' },
    { top_logprobs: 2, logprobs: true },
    { top_logprobs: 0 },
    { audio: null, web_search_options: null, n: null },
    { logit_bias: { 50256: -100 }, frequency_penalty: 1, parallel_tool_calls: false },
    { store: false, metadata: { a: 'b' }, service_tier: 'auto', prediction: { type: 'content', content: 'x' } },
  ])('what asks for nothing special, or for what some engine can do, is taken: %j', (body) => {
    expect(chat(body)).not.toThrow();
  });
});

it('docs/api.md says of each what becomes of it', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/api.md'), 'utf8');
  const rows = [...page.matchAll(/^\| (`.*?) +\| (.*?) +\|$/gm)];
  const named = (outcome: RegExp) =>
    rows.flatMap(([, names = '', text = '']) =>
      outcome.test(text) && !names.includes(' without ') ? [...names.matchAll(/`(\w+)`/g)].map(([, name]) => name) : [],
    );
  expect(named(/^refused/).sort()).toEqual(REFUSED_PARAMETERS.toSorted());
  expect(named(/^harmless/).sort()).toEqual(DROPPED_PARAMETERS.toSorted());
});

it('what is no business of a peer is left out, and nothing else', () => {
  const asked = { model: 'm', messages: [], seed: 1, chat_template_kwargs: {} };
  expect(withoutDropped(asked)).toBe(asked);
  const dropped = Object.fromEntries(DROPPED_PARAMETERS.map((name) => [name, 'x']));
  expect(withoutDropped({ ...asked, ...dropped })).toEqual(asked);
});

describe('a completion', () => {
  it('is a chat with the prompt as what its user says', () => {
    const messages = [{ role: 'user', content: 'Once' }];
    expect(chatOfCompletion({ model: 'm', prompt: 'Once', seed: 3, stop: ['.'] })).toEqual({
      model: 'm',
      messages,
      seed: 3,
      stop: ['.'],
      max_tokens: 16,
    });
    const plain = { suffix: '', echo: false, best_of: 1, logprobs: null };
    expect(chatOfCompletion({ model: 'm', prompt: ['Once'], max_tokens: 5, ...plain })).toEqual({
      model: 'm',
      messages,
      max_tokens: 5,
    });
  });
  it.each<[string, object]>([
    ['suffix', { suffix: 'the end' }],
    ['echo', { echo: true }],
    ['best_of', { best_of: 3 }],
    ['logprobs', { logprobs: 0 }],
    ['prompt', { prompt: ['a', 'b'] }],
    ['prompt', { prompt: [1, 2] }],
    ['prompt', { prompt: [[1, 2]] }],
  ])('with %s is refused by name: %j', (param, body) => {
    expect(() => chatOfCompletion({ model: 'm', prompt: 'Once', ...body })).toThrow(refusal(param));
  });
  it.each([{}, { prompt: '' }, { prompt: [] }, { prompt: 7 }])('without a prompt is no request: %j', (body) => {
    expect(() => chatOfCompletion({ model: 'm', ...body })).toThrow(/'prompt'/);
  });
});

describe('a request for embeddings', () => {
  it('takes one text or many', () => {
    expect(parseEmbeddingRequest({ model: 'm', input: 'a', user: 'u' })).toEqual({
      model: 'm',
      inputs: ['a'],
      encoding: 'float',
      dimensions: undefined,
    });
    expect(parseEmbeddingRequest({ model: 'm', input: ['a', 'b'], encoding_format: 'base64', dimensions: 8 })).toEqual({
      model: 'm',
      inputs: ['a', 'b'],
      encoding: 'base64',
      dimensions: 8,
    });
  });
  it.each<[string, object]>([
    ['input', { input: [1, 2, 3] }],
    ['input', { input: [[1], [2]] }],
    ['truncate', { truncate: true }],
  ])('with %s is refused by name: %j', (param, body) => {
    expect(() => parseEmbeddingRequest({ model: 'm', input: 'a', ...body })).toThrow(refusal(param));
  });
  it.each([
    { input: '' },
    { input: [] },
    { input: ['a', ''] },
    { input: Array.from({ length: 2049 }, () => 'a') },
    { encoding_format: 'int8' },
    { dimensions: 0 },
    { model: '' },
  ])('that is none is told which field', (body) => {
    expect(() => parseEmbeddingRequest({ model: 'm', input: 'a', ...body })).toThrow(/^'(input|encoding|dim|model)/);
  });
});

describe('embeddings', () => {
  const vectors = [
    [0.5, -2],
    [1, 0.25],
  ];
  it('are read as they were written', () => {
    const answer = embeddingAnswer(vectors, { model: 'm', encoding: 'float' }, 9);
    expect(parseEmbeddingAnswer(answer, 2)).toEqual({ vectors, inputTokens: 9 });
  });
  it('are 32-bit floats in base64, the lowest byte first', () => {
    expect(embeddingAnswer(vectors.slice(0, 1), { model: 'm', encoding: 'base64' }, 9)).toMatchObject({
      data: [{ object: 'embedding', index: 0, embedding: 'AAAAPwAAAMA=' }],
      usage: { prompt_tokens: 9, total_tokens: 9 },
    });
  });
  it.each<[string, unknown]>([
    ['too few', { data: [{ index: 0, embedding: [1] }] }],
    ['one twice', { data: [0, 0].map((index) => ({ index, embedding: [1] })) }],
    ['one far away', { data: [0, 4_000_000_000].map((index) => ({ index, embedding: [1] })) }],
    ['of two lengths', { data: [0, 1].map((index) => ({ index, embedding: Array(index + 1).fill(1) })) }],
    ['empty', { data: [0, 1].map((index) => ({ index, embedding: [] })) }],
    ['of words', { data: [0, 1].map((index) => ({ index, embedding: ['a'] })) }],
    ['nothing', undefined],
  ])('that are %s are none', (_name, answer) => {
    expect(parseEmbeddingAnswer(answer, 2)).toBeUndefined();
  });
});
