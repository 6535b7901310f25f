import type { ChatMessage, ChatRequest } from '../../protocol/chat.ts';
import { ollamaParamsSchema, type NativeMessage, type OllamaParams } from '../frames.ts';

export interface RequestLimits {
  readonly messages: number;
  readonly messageCharacters: number;
  /** text is all that crosses IdleClaw, except from a hub of ours to a node of ours */
  readonly images?: boolean;
}

/** Definitions of tools are text too; the largest agent sends about 60,000 characters of them. */
const MAX_TOOL_CHARACTERS = 200_000;

/**
 * What a hub wants answered, as a request to an engine. Only the parameters of OLLAMA_PARAMS are looked at; `keep_alive` is read
 * and not obeyed, because how long a model stays in memory is the owner's decision, and so is the size of the context. Pure.
 * @returns undefined when it is not a request this node takes: `invalid_request`
 */
export function takeRequest(
  input: unknown,
  registered: ReadonlySet<string>,
  limits: RequestLimits,
): ChatRequest | undefined {
  const parsed = ollamaParamsSchema.safeParse(input);
  if (!parsed.success) return undefined;
  const params = parsed.data;
  if (!registered.has(params.model) || !fits(params, limits)) return undefined;
  return {
    model: params.model,
    messages: toMessages(params.messages),
    stream: true,
    ...(params.tools?.length ? { tools: params.tools } : {}),
    ...formatOf(params.format),
    ...effortOf(params.think),
    ...optionsOf(params.options ?? {}),
  };
}

function fits({ messages, tools }: OllamaParams, limits: RequestLimits): boolean {
  if (messages.length === 0 || messages.length > limits.messages) return false;
  if (tools && JSON.stringify(tools).length > MAX_TOOL_CHARACTERS) return false;
  return messages.every(
    // An answer that ignores a picture would be a wrong one: where none are taken, the request is refused.
    ({ content, images }) => content.length <= limits.messageCharacters && (limits.images === true || !images?.length),
  );
}

/** Ollama's messages carry no ids of tool calls, or their own: results belong to the calls before them, in order. */
function toMessages(messages: readonly NativeMessage[]): ChatMessage[] {
  let calls = 0;
  const open: string[] = [];
  return messages.map((message): ChatMessage => {
    const { role, content, thinking, tool_calls: toolCalls, tool_name: toolName } = message;
    if (role === 'tool')
      return { role, content, tool_call_id: open.shift() ?? 'call_0', ...(toolName ? { name: toolName } : {}) };
    if (role !== 'assistant') return { role, content: withImages(content, message.images ?? []) };
    const made = (toolCalls ?? []).map(({ function: called }) => {
      calls += 1;
      const id = `call_${calls}`;
      open.push(id);
      return {
        id,
        type: 'function' as const,
        function: { name: called.name, arguments: JSON.stringify(called.arguments) },
      };
    });
    return {
      role,
      content,
      ...(thinking ? { reasoning_content: thinking } : {}),
      ...(made.length > 0 ? { tool_calls: made } : {}),
    };
  });
}

/** Ollama's images are base64 without a word about their kind: the first bytes tell it. */
function withImages(content: string, images: readonly string[]): ChatMessage['content'] {
  if (images.length === 0) return content;
  const kinds = { '/9j/': 'jpeg', R0lG: 'gif', UklG: 'webp' } as Readonly<Record<string, string>>;
  return [
    { type: 'text', text: content },
    ...images.map((data) => ({
      type: 'image_url' as const,
      image_url: { url: `data:image/${kinds[data.slice(0, 4)] ?? 'png'};base64,${data}` },
    })),
  ];
}

function formatOf(format: OllamaParams['format']): Partial<ChatRequest> {
  if (format === 'json') return { response_format: { type: 'json_object' } };
  if (typeof format !== 'object' || format === null) return {};
  return { response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: format } } };
}

function effortOf(think: OllamaParams['think']): Partial<ChatRequest> {
  if (think === null || think === undefined) return {};
  if (typeof think === 'boolean') return { reasoning_effort: think ? 'medium' : 'none' };
  return ['low', 'medium', 'high'].includes(think) ? { reasoning_effort: think } : {};
}

function optionsOf(options: Readonly<Record<string, unknown>>): Partial<ChatRequest> {
  const taken: Record<string, unknown> = {};
  const number = (name: string, to: string, min: number, max: number) => {
    const value = options[name];
    if (typeof value === 'number' && value >= min && value <= max) taken[to] = value;
  };
  number('temperature', 'temperature', 0, 2);
  number('top_p', 'top_p', 0, 1);
  number('frequency_penalty', 'frequency_penalty', -2, 2);
  number('presence_penalty', 'presence_penalty', -2, 2);
  if (Number.isSafeInteger(options['seed'])) taken['seed'] = options['seed'];
  if (Number.isSafeInteger(options['num_predict'])) number('num_predict', 'max_tokens', 1, Number.MAX_SAFE_INTEGER);
  const { stop } = options;
  if (typeof stop === 'string') taken['stop'] = [stop];
  else if (Array.isArray(stop) && stop.length <= 16 && stop.every((text) => typeof text === 'string'))
    taken['stop'] = stop;
  return taken;
}
