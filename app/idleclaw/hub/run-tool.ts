import type { NativeToolCall } from '../frames.ts';
import type { Hub } from './hub.ts';
import type { NodeConnection } from './node-connection.ts';
import { cutTo } from './sanitise.ts';
import { SEARCH_TOOL, searchArgumentsSchema, type SearchResult } from './web-search.ts';

export interface ToolResult {
  readonly ok: boolean;
  /** what the model is told */
  readonly text: string;
}

const refused = (text: string): ToolResult => ({ ok: false, text });

/** Runs what a model asks for, with all that stands between a model on a stranger's machine and this one. Never throws. */
export async function runTool(
  hub: Hub,
  node: NodeConnection,
  { function: { name, arguments: args } }: NativeToolCall,
  signal: AbortSignal,
): Promise<ToolResult> {
  const result = await decideAndRun(hub, node, name, args, signal);
  hub.metrics.toolCalls.inc({ outcome: result.ok ? 'done' : 'failed' });
  return result;
}

async function decideAndRun(
  hub: Hub,
  node: NodeConnection,
  name: string,
  args: unknown,
  signal: AbortSignal,
): Promise<ToolResult> {
  const { clock, limits, search } = hub.deps;
  // Counted before it is looked at: wrong calls cost a round, too.
  if (hub.toolRate.take(node.nodeId, clock.nowMs()) > 0) return refused('Error: too many tool calls; answer without.');
  if (!search || name !== SEARCH_TOOL.function.name) return refused('Error: there is no tool of that name.');
  const parsed = searchArgumentsSchema.safeParse(args);
  if (!parsed.success) return refused("Error: web_search takes one argument, 'query', a text of 1 to 400 characters.");
  const timeout = new AbortController();
  const cancel = clock.after(limits.toolMs, () => timeout.abort(new Error('timeout')));
  try {
    const results = await untilAborted(
      search(parsed.data.query, AbortSignal.any([signal, timeout.signal])),
      timeout.signal,
    );
    return { ok: true, text: cutTo(describe(results), limits.toolResultCharacters) };
  } catch (error) {
    hub.deps.log.warn({ err: error instanceof Error ? error.message : String(error) }, 'a web search failed');
    return refused(timeout.signal.aborted ? 'Error: the search took too long.' : 'Error: the search failed.');
  } finally {
    cancel();
  }
}

/** Also when what runs does not listen to its signal. */
function untilAborted<T>(running: Promise<T>, signal: AbortSignal): Promise<T> {
  return Promise.race([
    running,
    new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    }),
  ]);
}

function describe(results: readonly SearchResult[]): string {
  if (results.length === 0) return 'No results.';
  return results.map(({ title, url, text }) => `${title}\n${url}\n${text}`).join('\n\n');
}
