import type { EngineEvent } from '../../engine/engine.ts';
import { asGridError, type GridErrorCode } from '../../protocol/errors.ts';
import type { InferenceErrorCode, NativeToolCall, NodeChunk } from '../frames.ts';

/**
 * One step of an answer, in Ollama's shape. The closing chunk is always empty: existing servers throw its text away. Only role,
 * content, thinking and tool_calls go back; token counts never cross. Pure.
 */
export function chunkOf(event: EngineEvent): NodeChunk {
  if (event.type === 'finish')
    return {
      message: { role: 'assistant', content: '' },
      done: true,
      // Ollama ends with 'stop' after tool calls, too.
      done_reason: event.reason === 'length' ? 'length' : 'stop',
    };
  const { content = '', reasoning, toolCalls } = event.delta;
  return {
    message: {
      role: 'assistant',
      content,
      ...(reasoning ? { thinking: reasoning } : {}),
      ...(toolCalls?.length
        ? { tool_calls: toolCalls.map(({ name, arguments: text }) => toolCallOf(name, text)) }
        : {}),
    },
    done: false,
  };
}

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
