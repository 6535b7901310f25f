import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../protocol/chat.ts';
import { fitBody, fitRequest, promptWithSystem } from './fit.ts';

const user = (content: string) => ({ role: 'user' as const, content });
const ask = (part: Partial<ChatRequest> = {}) =>
  fitRequest({ model: 'lobstah/auto', messages: [user('hello')], stream: true, ...part }, 'tiny:latest');

describe('what is sent to an IdleClaw server', () => {
  it('is model, messages and whether to think', () => {
    expect(ask({ max_completion_tokens: 100, stream_options: { include_usage: true }, tools: [] })).toEqual({
      model: 'tiny:latest',
      messages: [user('hello')],
    });
    expect(ask({ reasoning_effort: 'none' })).toMatchObject({ think: false });
    expect(ask({ messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }] }] })).toMatchObject({
      messages: [user('hi')],
    });
  });

  it.each<[string, Partial<ChatRequest>]>([
    ['a system message', { messages: [{ role: 'system', content: 'x' }, user('y')] }],
    ['a tool result', { messages: [user('y'), { role: 'tool', content: 'x', tool_call_id: '1' }] }],
    ['tools', { tools: [{ type: 'function', function: { name: 'a' } }] }],
    ['a format', { response_format: { type: 'json_object' } }],
    ['a seed', { seed: 1 }],
    ['a stop word', { stop: 'x' }],
    ['a picture', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:' } }] }] }],
    ['51 messages', { messages: Array.from({ length: 51 }, () => user('x')) }],
    ['a long message', { messages: [user('x'.repeat(10_001))] }],
    ['much in all', { messages: Array.from({ length: 11 }, () => user('x'.repeat(9_500))) }],
  ])('is never %s', (_what, part) => expect(ask(part)).toBeTypeOf('string'));

  it.each(['', 'a b', 'x;rm -rf', '$(id)', 'a'.repeat(65), '../x', 'a\nb'])('is never the model %j', (model) =>
    expect(fitBody({ model, messages: [user('x')] })).toBeTypeOf('string'),
  );

  it('carries a system text in front of the prompt', () => {
    expect(promptWithSystem('Be short.', 'hello')).toBe('Be short.\n\nhello');
    expect(promptWithSystem(' ', 'hello')).toBe('hello');
  });
});
