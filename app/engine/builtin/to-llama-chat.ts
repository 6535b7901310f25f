import { textOf, type ChatMessage } from '../../protocol/chat.ts';
import { GridError } from '../../protocol/errors.ts';
import type { EngineChat } from '../engine.ts';
import type { LlamaChatMessage, LlamaTurn } from './llama-messages.ts';

/**
 * A request for llama.cpp. Tools are not offered to the model: this engine says that it has no capabilities, so nobody is sent
 * here for them, but agents (openclaw) send their tools with every request and must still get an answer in words.
 * @throws GridError engine_refused for images and unknown formats, which change what the answer means
 */
export function toLlamaChat(
  { request, maxOutputTokens }: EngineChat,
  defaults: { temperature: number; seed: number },
): Omit<LlamaChatMessage, 'chatNumber'> {
  const { temperature, top_p: topP, seed, stop } = request;
  const format = formatOf(request.response_format);
  const stops = typeof stop === 'string' ? [stop] : (stop ?? []);
  return {
    type: 'chat',
    turns: request.messages.flatMap(toTurn),
    maxOutputTokens,
    temperature: temperature ?? defaults.temperature,
    ...(topP == null ? {} : { topP }),
    // llama.cpp takes 32 bits without a sign.
    seed: (seed ?? defaults.seed) >>> 0,
    stop: stops.filter((text) => text !== ''),
    ...(format ? { format } : {}),
    thinks: request.reasoning_effort !== 'none',
  };
}

function toTurn(message: ChatMessage): LlamaTurn[] {
  if (Array.isArray(message.content) && message.content.some((part) => part.type !== 'text'))
    throw new GridError('engine_refused', 'The built-in engine reads text only.', { details: { param: 'messages' } });
  const text = textOf(message.content);
  if (message.role === 'assistant') return text ? [{ role: 'assistant', text }] : [];
  if (message.role === 'system' || message.role === 'developer') return text ? [{ role: 'system', text }] : [];
  // Chat templates without tools have no place for results; as words of the user they are at least read.
  if (message.role === 'tool' || message.role === 'function') return [{ role: 'user', text: `Tool result: ${text}` }];
  return [{ role: 'user', text }];
}

function formatOf(format: EngineChat['request']['response_format']): LlamaChatMessage['format'] {
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return 'json';
  const schema =
    format.type === 'json_schema' ? (format['json_schema'] as { schema?: unknown } | undefined)?.schema : undefined;
  if (typeof schema === 'object' && schema !== null && !Array.isArray(schema)) return schema as Record<string, unknown>;
  throw new GridError(
    'engine_refused',
    `The built-in engine does not know the response format '${format.type}' without a schema.`,
    {
      details: { param: 'response_format' },
    },
  );
}
