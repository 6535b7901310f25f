import { z } from 'zod';
import type { ToolCallDelta } from '../protocol/chat.ts';

export const toolCallPartSchema = z.object({
  index: z.int().min(0).max(1000).nullish().catch(undefined),
  id: z.string().nullish(),
  // Some servers send arguments as an object, whole.
  function: z.object({ name: z.string().nullish(), arguments: z.unknown().optional() }).nullish(),
});
type Part = z.infer<typeof toolCallPartSchema>;

/**
 * Tool calls as servers cut them up: OpenAI sends id and name with the first part only, others repeat them, leave out the index
 * (MLX), or the id. What comes out is OpenAI's way: each call gets one id and one name, with its first part.
 */
export function createToolCallReader(newToolCallId: () => string) {
  const calls: { id: string }[] = [];
  let last = -1;

  function indexOf({ index, id, function: called }: Part): number {
    if (index != null) return index;
    const known = id ? calls.findIndex((call) => call?.id === id) : -1;
    if (known >= 0) return known;
    return id || called?.name ? last + 1 : Math.max(last, 0);
  }

  function readPart(part: Part): ToolCallDelta[] {
    const index = indexOf(part);
    last = Math.max(last, index);
    const text = textOf(part.function?.arguments);
    if (calls[index]) return text === '' ? [] : [{ index, arguments: text }];
    const name = part.function?.name;
    if (!name) return [];
    const id = part.id || newToolCallId();
    calls[index] = { id };
    return [{ index, id, name, arguments: text }];
  }

  return {
    get count() {
      return calls.length;
    },
    read: (parts: readonly Part[]): ToolCallDelta[] => parts.flatMap(readPart),
  };
}

function textOf(value: unknown): string {
  if (value == null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}
