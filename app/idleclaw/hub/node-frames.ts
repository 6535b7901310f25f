import { z } from 'zod';
import {
  heartbeatFrameSchema,
  nativeToolCallSchema,
  type HeartbeatFrame,
  type InferenceErrorCode,
  type NativeToolCall,
} from '../frames.ts';

/** A chunk as far as it has been looked at: only what may go on to a consumer is in it. */
export interface HubChunk {
  readonly content: string;
  readonly thinking: string;
  readonly toolCalls: readonly NativeToolCall[];
  readonly done: boolean;
  readonly doneReason: string | undefined;
}

export type ParsedFrame =
  | { readonly type: 'chunk'; readonly requestId: string; readonly chunk: HubChunk }
  | { readonly type: 'error'; readonly requestId: string; readonly error: InferenceErrorCode }
  | { readonly type: 'heartbeat'; readonly heartbeat: HeartbeatFrame }
  | { readonly type: 'other'; readonly frame: unknown }
  | { readonly type: 'junk'; readonly why: string };

const NO_CALLS: readonly NativeToolCall[] = [];
const toolCallsSchema = z.array(nativeToolCallSchema).max(64);
const junk = (why: string): ParsedFrame => ({ type: 'junk', why });

/** Parses once. Chunks are the hot path (thousands a second), so they are looked at by hand; the rest by schema. */
export function parseNodeFrame(text: string): ParsedFrame {
  let frame: unknown;
  try {
    frame = JSON.parse(text);
  } catch {
    return junk('not JSON');
  }
  if (typeof frame !== 'object' || frame === null || Array.isArray(frame)) return junk('not an object');
  const { type, request_id: requestId } = frame as Record<string, unknown>;
  if (type === 'inference_chunk' || type === 'inference_error') {
    if (typeof requestId !== 'string') return junk('request_id is missing');
    return type === 'inference_chunk' ? parseChunk(frame, requestId) : parseError(frame, requestId);
  }
  if (type === 'heartbeat') {
    const { data } = heartbeatFrameSchema.safeParse(frame);
    return data ? { type: 'heartbeat', heartbeat: data } : junk('not a heartbeat');
  }
  return { type: 'other', frame };
}

function parseChunk(frame: object, requestId: string): ParsedFrame {
  const { chunk } = frame as { chunk?: unknown };
  if (typeof chunk !== 'object' || chunk === null) return junk('chunk is missing');
  const { message, done, done_reason: doneReason } = chunk as Record<string, unknown>;
  if (typeof message !== 'object' || message === null) {
    // Ollama's last line has always had one; a node that leaves it out still ends its answer.
    if (done !== true) return junk('message is missing');
  }
  const { content, thinking, tool_calls: calls } = (message ?? {}) as Record<string, unknown>;
  if (content != null && typeof content !== 'string') return junk('content is no string');
  if (thinking != null && typeof thinking !== 'string') return junk('thinking is no string');
  const toolCalls = calls == null ? NO_CALLS : toolCallsSchema.safeParse(calls).data;
  if (!toolCalls) return junk('tool_calls are not in their form');
  return {
    type: 'chunk',
    requestId,
    chunk: {
      content: content ?? '',
      thinking: thinking ?? '',
      toolCalls,
      done: done === true,
      doneReason: typeof doneReason === 'string' ? doneReason : undefined,
    },
  };
}

function parseError(frame: object, requestId: string): ParsedFrame {
  const { error } = frame as { error?: unknown };
  // What a node says goes nowhere but here, so a word that nobody knows is taken for the general one.
  const known = error === 'invalid_request' || error === 'ollama_unavailable' ? error : 'ollama_error';
  return { type: 'error', requestId, error: known };
}
