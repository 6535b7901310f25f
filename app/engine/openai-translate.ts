import type { ChatMessage, ChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';

/** Body of `POST /v1/chat/completions`: the client's members that mean the same everywhere, and ours. */
export interface OpenAiChatBody {
  readonly model: string;
  readonly messages: readonly object[];
  readonly stream: true;
  readonly stream_options: { readonly include_usage: true };
  /** the older name: LM Studio, llama.cpp, vLLM, exo and MLX know it, not all of them the newer one */
  readonly max_tokens: number;
  readonly [member: string]: unknown;
}

/**
 * A list, not everything: requests come from strangers, and servers have members that do more than sample (vLLM takes a chat
 * template, files and plugins by name).
 */
const PASSED_ON = [
  'temperature',
  'top_p',
  'top_k',
  'min_p',
  'seed',
  'stop',
  'frequency_penalty',
  'presence_penalty',
  'logit_bias',
  'logprobs',
  'top_logprobs',
  'tools',
  'tool_choice',
  'parallel_tool_calls',
  'response_format',
  'reasoning_effort',
] as const;

/** @throws GridError engine_refused for content that would have to be fetched, or that no such server reads */
export function toOpenAiChat(request: ChatRequest, engineModel: string, maxOutputTokens: number): OpenAiChatBody {
  const passed: Record<string, unknown> = {};
  for (const name of PASSED_ON) if (request[name] != null) passed[name] = request[name];
  if (request.tools?.length === 0) delete passed['tools'];
  if (passed['tools'] === undefined) {
    // Servers refuse a choice among no tools.
    delete passed['tool_choice'];
    delete passed['parallel_tool_calls'];
  }
  return {
    ...passed,
    model: engineModel,
    messages: request.messages.map(toMessage),
    stream: true,
    stream_options: { include_usage: true },
    max_tokens: maxOutputTokens,
  };
}

function toMessage(message: ChatMessage): object {
  refuseUnreadable(message.content);
  const { role, content, name, tool_calls: toolCalls, tool_call_id: toolCallId } = message;
  const thinking = message['reasoning_content'];
  return {
    // Chat templates of open models know neither of the two newer and older roles.
    role: role === 'developer' ? 'system' : role === 'function' ? 'tool' : role,
    content: content ?? (toolCalls?.length ? null : ''),
    ...(name === undefined ? {} : { name }),
    ...(toolCalls?.length
      ? { tool_calls: toolCalls.map((call) => ({ id: call.id, type: 'function', function: call.function })) }
      : {}),
    ...(toolCallId === undefined ? {} : { tool_call_id: toolCallId }),
    ...(role === 'assistant' && typeof thinking === 'string' && thinking ? { reasoning_content: thinking } : {}),
  };
}

/** Only images that came along: an address that a stranger names would make the engine his probe of this network. */
function refuseUnreadable(content: ChatMessage['content']): void {
  if (!Array.isArray(content)) return;
  for (const part of content) {
    if (part.type === 'text') continue;
    if (part.type !== 'image_url') throw refused(`This engine cannot read content parts of type '${part.type}'.`);
    const { url } = part['image_url'] as { url: string };
    if (!/^data:image\/[a-z0-9.+-]+;base64,/i.test(url))
      throw refused('Images must be inside the request (data:image/…;base64,…); addresses are not fetched.');
  }
}

const refused = (sentence: string) => new GridError('engine_refused', sentence, { details: { param: 'messages' } });
