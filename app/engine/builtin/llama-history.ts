import type { ChatHistoryItem } from 'node-llama-cpp';
import type { LlamaTool, LlamaTurn } from './llama-messages.ts';

/** The turns of a conversation in node-llama-cpp's form; the last item is the answer to be written. */
export function toHistory(turns: readonly LlamaTurn[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = turns.map(({ role, text, calls = [] }) =>
    role === 'assistant'
      ? {
          type: 'model',
          response: [
            ...calls.map((call, index) => ({
              type: 'functionCall' as const,
              name: call.name,
              params: call.params,
              result: call.result,
              startsNewChunk: index === 0,
            })),
            ...(text ? [text] : []),
          ],
        }
      : { type: role, text },
  );
  // A conversation that ends with the assistant is an answer to be continued.
  if (turns.at(-1)?.role !== 'assistant') history.push({ type: 'model', response: [] });
  return history;
}

/** The schema of a forced call: its name and arguments, in this order, so that the name decides which arguments fit. */
export function forcedCallSchema(tools: readonly LlamaTool[]): object {
  // Definitions are looked up at the root of a grammar, so those of each tool get names of their own.
  const definitions: Record<string, unknown> = {};
  const choices = tools.map(({ name, params }, index) => {
    const { $defs, ...rest } = renamed(params ?? NO_PARAMS, `t${index}_`) as { $defs?: Record<string, unknown> };
    Object.assign(definitions, $defs);
    return { type: 'object', properties: { name: { const: name }, arguments: rest } };
  });
  return { oneOf: choices, ...(Object.keys(definitions).length > 0 ? { $defs: definitions } : {}) };
}

const NO_PARAMS = { type: 'object', properties: {} };
const REF = '#/$defs/';

function renamed(schema: unknown, prefix: string): unknown {
  if (Array.isArray(schema)) return schema.map((part) => renamed(part, prefix));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([word, part]: [string, unknown]) => {
      if (word === '$ref' && typeof part === 'string') return [word, REF + prefix + part.slice(REF.length)];
      if (word === '$defs')
        return [
          word,
          Object.fromEntries(
            Object.entries(part as object).map(([name, definition]) => [prefix + name, renamed(definition, prefix)]),
          ),
        ];
      return [word, renamed(part, prefix)];
    }),
  );
}

/** What a model is told that has to call: a grammar holds its form, but only words can say what for. */
export function forcedCallPrompt(tools: readonly LlamaTool[]): string {
  const lines = tools.map((tool) => JSON.stringify(tool));
  return `Answer with one call of a function, as JSON: {"name": …, "arguments": {…}}. The functions:\n${lines.join('\n')}`;
}

export function withSystemText(turns: readonly LlamaTurn[], text: string): LlamaTurn[] {
  const [first, ...rest] = turns;
  if (first?.role === 'system') return [{ ...first, text: `${first.text}\n\n${text}` }, ...rest];
  return [{ role: 'system', text }, ...turns];
}
