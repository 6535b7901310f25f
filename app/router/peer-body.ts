import { withoutDropped } from '../protocol/chat-parameters.ts';
import { maxOutputTokensOf, textOf, type ChatMessage, type ChatRequest } from '../protocol/chat.ts';

/** A client's request as it came: the parsed form, the plain JSON it was parsed from, and its bytes. */
export interface ClientRequest {
  readonly chat: ChatRequest;
  readonly json: object;
  readonly bytes: Buffer;
  /** one id through router, worker and logs */
  readonly requestId: string;
  /** which conversation this is a turn of, see memory.ts */
  readonly conversation: string;
  /** estimated */
  readonly inputTokens: number;
}

/**
 * The body for a peer that understands orders: everything the client sent that has a meaning there. It always streams, whatever the client wants,
 * so that a dead peer is noticed by its silence. Unchanged bytes are passed on without being written anew.
 */
export function wholeBody(request: ClientRequest, model: string): Buffer {
  const json = withoutDropped(request.json);
  if (json === request.json && request.chat.stream === true && request.chat.model === model) return request.bytes;
  return Buffer.from(JSON.stringify({ ...json, model, stream: true }));
}

/** Parameters whose loss would change the answer. v1 workers strip them without a word. */
const LOST_ON_V1 = [
  'stop',
  'seed',
  'logprobs',
  'top_logprobs',
  'logit_bias',
  'frequency_penalty',
  'presence_penalty',
] as const;

/** @returns what a v1 worker would lose of this request; empty when nothing that matters */
export function lossOnV1(chat: ChatRequest): string[] {
  const lost: string[] = LOST_ON_V1.filter((name) => chat[name] !== undefined && chat[name] !== null);
  if (chat.tools?.length && chat.tool_choice !== 'none') lost.push('tools');
  if (chat.response_format && chat.response_format.type !== 'text') lost.push('response_format');
  if (chat.messages.some(({ tool_calls }) => tool_calls?.length)) lost.push('tool_calls');
  const isText = (content: ChatMessage['content']) =>
    !Array.isArray(content) || content.every(({ type }) => type === 'text');
  if (!chat.messages.every(({ content }) => isText(content))) lost.push('images');
  return lost;
}

const V1_ROLES: Record<ChatMessage['role'], string> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'assistant',
  tool: 'tool',
  function: 'tool',
};

/** The body for a v1 worker: only what it understands, contents as plain strings, `developer` as `system`. */
export function v1Body(chat: ChatRequest, model: string): Buffer {
  return Buffer.from(
    JSON.stringify({
      model,
      messages: chat.messages.map(({ role, content, name, tool_call_id }) => ({
        role: V1_ROLES[role],
        content: textOf(content),
        ...(name === undefined ? {} : { name }),
        ...(tool_call_id === undefined ? {} : { tool_call_id }),
      })),
      stream: true,
      max_tokens: maxOutputTokensOf(chat),
      ...(chat.temperature == null ? {} : { temperature: chat.temperature }),
      ...(chat.top_p == null ? {} : { top_p: chat.top_p }),
    }),
  );
}
