import { textOf, type ChatRequest } from '../../protocol/chat.ts';
import { chatBodySchema, LIMITS, MODEL_NAME, type ChatBody } from '../frames.ts';

/** Members that may be there without changing what is asked; anything else would be lost without a word. */
const HARMLESS = new Set([
  'model',
  'messages',
  'stream',
  'stream_options',
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'top_p',
  'n',
  'user',
  'store',
  'metadata',
  'reasoning_effort',
  'parallel_tool_calls',
]);

/** @returns the body for POST /api/chat, or what does not fit, as half a sentence. Pure. */
export function fitBody(body: ChatBody): ChatBody | string {
  const { model, messages } = body;
  if (model.length > LIMITS.modelNameCharacters || !MODEL_NAME.test(model))
    return `the model name has letters, digits, colons, periods, hyphens, underscores and slashes only, at most ${LIMITS.modelNameCharacters}`;
  if (messages.length > LIMITS.messages) return `${messages.length} messages are more than ${LIMITS.messages}`;
  const longest = Math.max(...messages.map(({ content }) => content.length));
  if (longest > LIMITS.messageCharacters)
    return `a message of ${longest.toLocaleString('en')} characters is longer than ${LIMITS.messageCharacters.toLocaleString('en')}`;
  const total = messages.reduce((sum, { content }) => sum + content.length, 0);
  if (total > LIMITS.totalCharacters)
    return `${total.toLocaleString('en')} characters in all are more than ${LIMITS.totalCharacters.toLocaleString('en')}`;
  const parsed = chatBodySchema.safeParse(body);
  return parsed.success ? parsed.data : `'${parsed.error.issues[0]?.path.join('.') ?? ''}' is not right`;
}

/**
 * A request of an OpenAI client, as an IdleClaw server takes it: nothing that matters is left out to make it fit, so system
 * messages, tools, pictures and formats do not. Pure.
 */
export function fitRequest(request: ChatRequest, model: string): ChatBody | string {
  const extra = Object.entries(request).find(
    ([name, value]) => value != null && !HARMLESS.has(name) && !isEmpty(value),
  );
  if (extra) return `'${extra[0]}' cannot be sent`;
  const messages: ChatBody['messages'] = [];
  for (const { role, content, tool_calls } of request.messages) {
    if (role !== 'user' && role !== 'assistant') return `there is no role '${role}'`;
    if (tool_calls?.length) return 'tool calls cannot be sent';
    if (Array.isArray(content) && content.some(({ type }) => type !== 'text')) return 'only text can be sent';
    messages.push({ role, content: textOf(content) });
  }
  const think = request.reasoning_effort == null ? undefined : request.reasoning_effort !== 'none';
  return fitBody({ model, messages, ...(think === undefined ? {} : { think }) });
}

function isEmpty(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

/** A system text for a network without system messages: it stands in front of the prompt. */
export function promptWithSystem(system: string | undefined, prompt: string): string {
  return system?.trim() ? `${system.trim()}\n\n${prompt}` : prompt;
}
