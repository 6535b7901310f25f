import type { EngineEvent } from '../../engine/engine.ts';
import type { FinishReason } from '../../protocol/chat.ts';
import { asGridError, type GridErrorCode } from '../../protocol/errors.ts';
import type { InferenceErrorCode, NativeToolCall, NodeChunk } from '../frames.ts';

/**
 * An answer in Ollama's shape, step by step. Tool calls may come from an engine in fragments; they go out whole, before the
 * closing chunk. That one is always empty: existing servers throw its text away. Only role, content, thinking and tool_calls go
 * back; token counts never cross.
 */
export class AnswerChunks {
  private readonly calls: { name: string; text: string }[] = [];

  of(event: EngineEvent): readonly NodeChunk[] {
    if (event.type === 'finish') return [...this.toolCalls(), closing(event.reason)];
    const { content = '', reasoning, toolCalls = [] } = event.delta;
    for (const { index, name, arguments: text } of toolCalls) {
      const call = (this.calls[index] ??= { name: '', text: '' });
      call.name ||= name ?? '';
      call.text += text;
    }
    if (content === '' && !reasoning) return [];
    return [{ message: { role: 'assistant', content, ...(reasoning ? { thinking: reasoning } : {}) }, done: false }];
  }

  private toolCalls(): readonly NodeChunk[] {
    const calls = this.calls.filter((call) => call !== undefined);
    if (calls.length === 0) return [];
    const tool_calls = calls.map(({ name, text }) => toolCallOf(name, text));
    return [{ message: { role: 'assistant', content: '', tool_calls }, done: false }];
  }
}

const closing = (reason: FinishReason): NodeChunk => ({
  message: { role: 'assistant', content: '' },
  done: true,
  // Ollama ends with 'stop' after tool calls, too.
  done_reason: reason === 'length' ? 'length' : 'stop',
});

function toolCallOf(name: string, text: string): NativeToolCall {
  let value: unknown;
  try {
    value = JSON.parse(text || '{}');
  } catch {
    value = undefined;
  }
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return { function: { name, arguments: isObject ? (value as Record<string, unknown>) : { unparsed: text } } };
}

const UNAVAILABLE: ReadonlySet<GridErrorCode> = new Set([
  'not_sharing',
  'queue_full',
  'shutting_down',
  'engine_unreachable',
  'engine_busy',
]);
const INVALID: ReadonlySet<GridErrorCode> = new Set([
  'model_not_shared',
  'bad_request',
  'unsupported_parameter',
  'engine_refused',
  'context_exceeded',
]);

/** IdleClaw has three words for what can go wrong; nothing more of an error leaves this machine. Pure. */
export function errorCodeOf(thrown: unknown): InferenceErrorCode {
  const { code } = asGridError(thrown, 'engine_error');
  if (UNAVAILABLE.has(code)) return 'ollama_unavailable';
  return INVALID.has(code) ? 'invalid_request' : 'ollama_error';
}
