import { describe, expect, it } from 'vitest';
import { parseChatRequest } from '../../protocol/chat.ts';
import { NODE_LIMITS } from '../frames.ts';
import { takeRequest } from './take-request.ts';

const registered = new Set(['tiny:latest']);
const hello = [{ role: 'user', content: 'hello' }];
const take = (params: object) =>
  takeRequest({ model: 'tiny:latest', messages: hello, stream: true, ...params }, registered, NODE_LIMITS);

describe('a request of a hub', () => {
  it('becomes one that every engine takes, whatever it carries', () => {
    const taken = take({
      think: true,
      keep_alive: -1,
      options: { temperature: 0.5, num_predict: 20, num_ctx: 999_999, stop: 'X', seed: 1, main_gpu: 3 },
      format: { type: 'object' },
      raw: true,
      template: 'evil',
    });
    expect(taken).toEqual({
      model: 'tiny:latest',
      messages: hello,
      stream: true,
      reasoning_effort: 'medium',
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: { type: 'object' } } },
      temperature: 0.5,
      max_tokens: 20,
      stop: ['X'],
      seed: 1,
    });
    expect(() => parseChatRequest(taken)).not.toThrow();
  });

  it('never carries keep_alive or the size of the context on', () => {
    expect(JSON.stringify(take({ keep_alive: -1, options: { num_ctx: 4096 } }))).not.toMatch(/keep_alive|num_ctx|-1/);
  });

  it.each([
    ['null', null],
    ['false', 'none'],
    ['true', 'medium'],
    ['"high"', 'high'],
    ['"loud"', null],
  ])('think %s asks for effort %s', (think, effort) =>
    expect(take({ think: JSON.parse(think) as unknown })?.reasoning_effort ?? null).toBe(effort),
  );

  it('keeps tool calls and their results together', () => {
    const taken = take({
      messages: [
        { role: 'user', content: 'search' },
        {
          role: 'assistant',
          content: '',
          tool_calls: [
            { function: { name: 'web_search', arguments: { query: 'a' } } },
            { function: { name: 'web_search', arguments: { query: 'b' } } },
          ],
        },
        { role: 'tool', content: 'A', tool_name: 'web_search' },
        { role: 'tool', content: 'B', tool_name: 'web_search' },
      ],
      tools: [{ type: 'function', function: { name: 'web_search', parameters: { type: 'object' } } }],
    });
    const calls = taken?.messages[1]?.tool_calls ?? [];
    expect(calls.map(({ function: called }) => called.arguments)).toEqual(['{"query":"a"}', '{"query":"b"}']);
    expect(taken?.messages.slice(2).map(({ tool_call_id }) => tool_call_id)).toEqual(calls.map(({ id }) => id));
    expect(taken?.tools).toHaveLength(1);
    expect(() => parseChatRequest(taken)).not.toThrow();
  });

  const messages = (count: number, characters = 1) =>
    Array.from({ length: count }, () => ({ role: 'user', content: 'x'.repeat(characters) }));
  it('is taken up to the limits, and not one over', () => {
    expect(take({ messages: messages(50, 10_000) })).toBeDefined();
    expect(take({ messages: messages(51) })).toBeUndefined();
    expect(take({ messages: messages(1, 10_001) })).toBeUndefined();
  });

  it.each([
    ['another model', { model: 'other:latest' }],
    ['no messages', { messages: [] }],
    ['messages that are none', { messages: 'hello' }],
    ['a role nobody has', { messages: [{ role: 'root', content: 'x' }] }],
    ['content that is no text', { messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] }],
    ['a picture', { messages: [{ role: 'user', content: 'look', images: ['aGk='] }] }],
    ['a tool that is none', { tools: [{ type: 'shell' }] }],
    ['tools without end', { tools: [{ type: 'function', function: { name: 'a', description: 'x'.repeat(200_000) } }] }],
  ])('with %s is refused', (_what, part) => expect(take(part)).toBeUndefined());

  it('carries pictures on where they are taken', () => {
    const messages = [{ role: 'user', content: 'look', images: ['/9j/4AAQ', 'aGk='] }];
    const taken = takeRequest({ model: 'tiny:latest', messages }, registered, { ...NODE_LIMITS, images: true });
    expect(taken?.messages[0]?.content).toEqual([
      { type: 'text', text: 'look' },
      { type: 'image_url', image_url: { url: 'data:image/jpeg;base64,/9j/4AAQ' } },
      { type: 'image_url', image_url: { url: 'data:image/png;base64,aGk=' } },
    ]);
    expect(() => parseChatRequest(taken)).not.toThrow();
  });

  it.each([null, 'x', 7, [], {}])('%j is refused', (params) =>
    expect(takeRequest(params, registered, NODE_LIMITS)).toBeUndefined(),
  );
});
