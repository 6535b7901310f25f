import { textOf, type ChatMessage, type ChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import type { OllamaTraits } from './ollama-models.ts';
import { refuseUnhonoured } from './refuse-unhonoured.ts';
import { toolChoiceOf } from './tool-choice.ts';

/** Body of `POST /api/chat` (ollama/ollama docs/api.md). */
export interface OllamaChatBody {
  readonly model: string;
  readonly messages: readonly OllamaMessage[];
  readonly stream: true;
  /** A prompt that does not fit is an error, never cut silently. */
  readonly truncate: false;
  /** An answer that fills the context ends with 'length', instead of forgetting the start of the conversation. */
  readonly shift: false;
  readonly tools?: NonNullable<ChatRequest['tools']>;
  readonly format?: unknown;
  readonly think?: boolean | 'low' | 'medium' | 'high';
  readonly logprobs?: true;
  readonly top_logprobs?: number;
  /** seconds */
  readonly keep_alive?: number;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface OllamaMessage {
  readonly role: 'system' | 'user' | 'assistant' | 'tool';
  readonly content: string;
  readonly thinking?: string;
  readonly images?: readonly string[];
  readonly tool_calls?: readonly { id: string; function: { name: string; arguments: Record<string, unknown> } }[];
  readonly tool_name?: string;
}

export interface OllamaLimits {
  readonly maxOutputTokens: number;
  readonly contextTokens: number;
  readonly keepAliveSeconds?: number | undefined;
}

/** @throws GridError engine_refused for what Ollama has no way to do */
export function toOllamaChat(request: ChatRequest, limits: OllamaLimits, traits: OllamaTraits): OllamaChatBody {
  refuseUnhonoured(request, ['logit_bias'], 'Ollama');
  const format = formatOf(request);
  const think = thinkOf(request, traits);
  const tools = toolsOf(request);
  return {
    model: request.model,
    messages: toMessages(request.messages),
    stream: true,
    truncate: false,
    shift: false,
    ...(tools ? { tools } : {}),
    ...(format === undefined ? {} : { format }),
    ...(think === undefined ? {} : { think }),
    ...(request.logprobs ? { logprobs: true, top_logprobs: request.top_logprobs ?? 0 } : {}),
    ...(limits.keepAliveSeconds === undefined ? {} : { keep_alive: limits.keepAliveSeconds }),
    options: optionsOf(request, limits),
  };
}

function optionsOf(request: ChatRequest, limits: OllamaLimits): Record<string, unknown> {
  const { temperature, top_p, seed, stop } = request;
  const options: Record<string, unknown> = { num_ctx: limits.contextTokens, num_predict: limits.maxOutputTokens };
  if (temperature != null) options['temperature'] = temperature;
  if (top_p != null) options['top_p'] = top_p;
  if (seed != null) options['seed'] = seed;
  if (stop != null) options['stop'] = typeof stop === 'string' ? [stop] : stop;
  for (const name of ['frequency_penalty', 'presence_penalty', 'top_k', 'min_p'])
    if (typeof request[name] === 'number') options[name] = request[name];
  return options;
}

function toolsOf(request: ChatRequest): ChatRequest['tools'] {
  const choice = toolChoiceOf(request);
  if (choice.kind === 'none') return undefined;
  if (choice.kind === 'auto') return [...choice.tools];
  throw new GridError(
    'engine_refused',
    "Ollama cannot be made to call a tool; 'tool_choice' may be 'auto' or 'none'.",
    {
      details: { param: 'tool_choice' },
    },
  );
}

function formatOf(request: ChatRequest): unknown {
  const format = request.response_format;
  if (!format || format.type === 'text') return undefined;
  if (format.type === 'json_object') return 'json';
  const schema =
    format.type === 'json_schema' ? (format['json_schema'] as { schema?: unknown } | undefined)?.schema : undefined;
  if (typeof schema === 'object' && schema !== null) return schema;
  throw new GridError('engine_refused', `Ollama does not know the response format '${format.type}' without a schema.`, {
    details: { param: 'response_format' },
  });
}

/** gpt-oss takes levels and cannot be silenced; every other model takes yes or no. */
function thinkOf({ model, reasoning_effort: effort }: ChatRequest, traits: OllamaTraits): OllamaChatBody['think'] {
  if (effort == null || !traits.capabilities?.includes('thinking')) return undefined;
  const silent = effort === 'none';
  if (!/gpt-?oss/i.test(traits.family ?? model)) return !silent;
  if (silent || effort === 'minimal' || effort === 'low') return 'low';
  return effort === 'high' || effort === 'xhigh' ? 'high' : 'medium';
}

function toMessages(messages: readonly ChatMessage[]): OllamaMessage[] {
  const toolNames = new Map<string, string>();
  return messages.map((message) => {
    for (const call of message.tool_calls ?? []) toolNames.set(call.id, call.function.name);
    return toMessage(message, toolNames);
  });
}

function toMessage(message: ChatMessage, toolNames: ReadonlyMap<string, string>): OllamaMessage {
  const images = imagesOf(message.content);
  const thinking = message['reasoning_content'];
  const toolName = message.name ?? toolNames.get(message.tool_call_id ?? '');
  const isResult = message.role === 'tool' || message.role === 'function';
  return {
    role: isResult
      ? 'tool'
      : message.role === 'developer'
        ? 'system'
        : (message.role as 'system' | 'user' | 'assistant'),
    content: textOf(message.content),
    ...(images.length > 0 ? { images } : {}),
    ...(message.role === 'assistant' && typeof thinking === 'string' && thinking ? { thinking } : {}),
    ...(message.tool_calls?.length
      ? {
          tool_calls: message.tool_calls.map((call) => ({
            id: call.id,
            function: { name: call.function.name, arguments: argumentsOf(call.function.arguments) },
          })),
        }
      : {}),
    ...(isResult && toolName ? { tool_name: toolName } : {}),
  };
}

/**
 * OpenAI carries arguments as the text the model wrote, Ollama as an object. Text that is not one stays readable under a name of
 * its own: refusing it would end a conversation for good over one slip of a model in its history.
 */
function argumentsOf(text: string): Record<string, unknown> {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // kept below
  }
  return { unparsed: text };
}

function imagesOf(content: ChatMessage['content']): string[] {
  if (!Array.isArray(content)) return [];
  const images: string[] = [];
  for (const part of content) {
    if (part.type === 'text') continue;
    const url = part.type === 'image_url' ? (part as { image_url?: { url?: unknown } }).image_url?.url : undefined;
    if (typeof url !== 'string')
      throw new GridError('engine_refused', `Ollama cannot read content parts of type '${part.type}'.`, {
        details: { param: 'messages' },
      });
    images.push(imageData(url));
  }
  return images;
}

/** Only images that came along: fetching an address that a stranger names would make this machine his probe. */
function imageData(url: string): string {
  const [, data] = /^data:image\/[a-z0-9.+-]+;base64,([A-Za-z0-9+/=\s]+)$/i.exec(url) ?? [];
  if (data) return data.replaceAll(/\s/g, '');
  throw new GridError(
    'engine_refused',
    'Images must be inside the request (data:image/…;base64,…); addresses are not fetched.',
    {
      details: { param: 'messages' },
    },
  );
}
