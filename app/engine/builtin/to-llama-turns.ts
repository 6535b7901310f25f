import { textOf, type ChatMessage } from '../../protocol/chat.ts';
import { GridError } from '../../protocol/errors.ts';
import type { LlamaCall, LlamaTurn } from './llama-messages.ts';

/**
 * A conversation as llama.cpp's templates take it. With tools, calls and their results belong to the turn of the assistant that
 * made them; without, results are words of the user, so that they are at least read.
 * @throws GridError engine_refused for images, which change what the answer means
 */
export function toLlamaTurns(messages: readonly ChatMessage[], knowsTools: boolean): LlamaTurn[] {
  const turns: { role: LlamaTurn['role']; text: string; calls?: LlamaCall[] }[] = [];
  const calls = new Map<string, { result?: unknown }>();
  for (const message of messages) {
    refuseImages(message);
    const text = textOf(message.content);
    const last = turns.at(-1);
    if (message.role === 'tool' || message.role === 'function') {
      const call = calls.get(message.tool_call_id ?? '');
      if (call) call.result = text;
      else turns.push({ role: 'user', text: `Tool result: ${text}` });
    } else if (message.role === 'assistant' && knowsTools && message.tool_calls?.length) {
      const made = message.tool_calls.map((call) => {
        const entry: { name: string; params: unknown; result?: unknown } = {
          name: call.function.name,
          params: paramsOf(call.function.arguments),
        };
        calls.set(call.id, entry);
        return entry;
      });
      turns.push({ role: 'assistant', text, calls: made });
    } else if (message.role === 'assistant' && last?.calls && last.text === '') {
      // What it said once it had the results is the rest of the same turn.
      last.text = text;
    } else if (message.role === 'user' || text)
      turns.push({ role: message.role === 'developer' ? 'system' : message.role, text });
  }
  return turns;
}

function refuseImages({ content }: ChatMessage): void {
  if (Array.isArray(content) && content.some((part) => part.type !== 'text'))
    throw new GridError('engine_refused', 'The built-in engine reads text only.', { details: { param: 'messages' } });
}

function paramsOf(text: string): unknown {
  try {
    return JSON.parse(text || '{}');
  } catch {
    // A slip of a model in its history stays readable, and does not end a conversation for good.
    return { unparsed: text };
  }
}
