import { describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../engine/engine.ts';
import { GridError, type GridErrorCode } from '../../protocol/errors.ts';
import { AnswerChunks, errorCodeOf } from './answer-chunks.ts';

describe('what goes back to a hub', () => {
  const usage = { inputTokens: 5, outputTokens: 5, estimated: false };
  const of = (...events: EngineEvent[]) => {
    const chunks = new AnswerChunks();
    return events.flatMap((event) => chunks.of(event));
  };

  it('ends with an empty chunk, because existing servers throw its text away', () => {
    expect(of({ type: 'finish', reason: 'length', usage })).toEqual([
      { message: { role: 'assistant', content: '' }, done: true, done_reason: 'length' },
    ]);
    expect(of({ type: 'finish', reason: 'tool_calls', usage })[0]?.done_reason).toBe('stop');
  });

  it('carries text and thinking in the shape of Ollama', () => {
    expect(of({ type: 'delta', delta: { content: 'hi' } })).toEqual([
      { message: { role: 'assistant', content: 'hi' }, done: false },
    ]);
    expect(of({ type: 'delta', delta: { reasoning: 'hm' } })[0]?.message).toEqual({
      role: 'assistant',
      content: '',
      thinking: 'hm',
    });
  });

  it('sends tool calls whole, however an engine cut them', () => {
    const part = (index: number, name: string | undefined, text: string): EngineEvent => ({
      type: 'delta',
      delta: { toolCalls: [{ index, ...(name === undefined ? {} : { id: 'call_x', name }), arguments: text }] },
    });
    const chunks = of(
      part(0, 'web_search', '{"query"'),
      part(0, undefined, ':"a"}'),
      part(1, 'web_search', 'not json'),
      { type: 'finish', reason: 'tool_calls', usage },
    );
    expect(chunks.map(({ done }) => done)).toEqual([false, true]);
    expect(chunks[0]?.message.tool_calls).toEqual([
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
