import { describe, expect, it } from 'vitest';
import { GridError, type GridErrorCode } from '../../protocol/errors.ts';
import { chunkOf, errorCodeOf } from './answer-chunks.ts';

describe('what goes back to a hub', () => {
  it('ends with an empty chunk, because existing servers throw its text away', () => {
    const usage = { inputTokens: 5, outputTokens: 5, estimated: false };
    expect(chunkOf({ type: 'finish', reason: 'length', usage })).toEqual({
      message: { role: 'assistant', content: '' },
      done: true,
      done_reason: 'length',
    });
    expect(chunkOf({ type: 'finish', reason: 'tool_calls', usage }).done_reason).toBe('stop');
  });

  it('carries text, thinking and tool calls in the shape of Ollama', () => {
    expect(chunkOf({ type: 'delta', delta: { content: 'hi' } })).toEqual({
      message: { role: 'assistant', content: 'hi' },
      done: false,
    });
    expect(chunkOf({ type: 'delta', delta: { reasoning: 'hm' } }).message).toEqual({
      role: 'assistant',
      content: '',
      thinking: 'hm',
    });
    const toolCalls = [
      { index: 0, id: 'call_x', name: 'web_search', arguments: '{"query":"a"}' },
      { index: 1, id: 'call_y', name: 'web_search', arguments: 'not json' },
    ];
    expect(chunkOf({ type: 'delta', delta: { toolCalls } }).message.tool_calls).toEqual([
      { function: { name: 'web_search', arguments: { query: 'a' } } },
      { function: { name: 'web_search', arguments: { unparsed: 'not json' } } },
    ]);
  });

  it.each<[GridErrorCode, string]>([
    ['model_not_shared', 'invalid_request'],
    ['context_exceeded', 'invalid_request'],
    ['not_sharing', 'ollama_unavailable'],
    ['queue_full', 'ollama_unavailable'],
    ['engine_unreachable', 'ollama_unavailable'],
    ['engine_error', 'ollama_error'],
    ['engine_cut', 'ollama_error'],
    ['internal_error', 'ollama_error'],
  ])('says of %s only %s', (code, said) => expect(errorCodeOf(new GridError(code, 'a path /home/me'))).toBe(said));

  it('says of anything else that the engine failed', () => expect(errorCodeOf(new Error('x'))).toBe('ollama_error'));
});
