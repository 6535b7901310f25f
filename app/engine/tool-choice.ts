import type { ChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';

export type Tool = NonNullable<ChatRequest['tools']>[number];

/** What a request wants of its tools. */
export type ToolChoice =
  | { readonly kind: 'none' }
  | { readonly kind: 'auto'; readonly tools: readonly Tool[] }
  /** one of these has to be called */
  | { readonly kind: 'forced'; readonly tools: readonly Tool[] };

/** @throws GridError engine_refused for a choice that nobody knows, or of a tool that was not sent along */
export function toolChoiceOf({ tools, tool_choice: choice }: ChatRequest): ToolChoice {
  if (!tools || tools.length === 0 || choice === 'none') return { kind: 'none' };
  if (choice === undefined || choice === null || choice === 'auto') return { kind: 'auto', tools };
  if (choice === 'required') return { kind: 'forced', tools };
  const name = (choice as { function?: { name?: unknown } }).function?.name;
  const named = tools.filter((tool) => tool.function.name === name);
  if (named.length > 0) return { kind: 'forced', tools: named.slice(0, 1) };
  throw new GridError(
    'engine_refused',
    typeof name === 'string'
      ? `'tool_choice' names '${name}', which is not among the tools.`
      : "'tool_choice' is not understood.",
    { details: { param: 'tool_choice' } },
  );
}
