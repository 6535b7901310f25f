import { z } from 'zod';
import type { FinishReason } from '../protocol/chat.ts';
import { estimateInputTokens, parseLogprobs } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import type { EngineChat, EngineEvent } from './engine.ts';
import { readNdjson } from './ndjson.ts';
import { ollamaLineError } from './ollama-errors.ts';

const toolCallSchema = z.object({
  function: z.object({ name: z.string(), arguments: z.unknown().optional() }),
});
const lineSchema = z.object({
  error: z.string().optional(),
  message: z
    .object({
      content: z.string().nullish(),
      thinking: z.string().nullish(),
      tool_calls: z.array(toolCallSchema).nullish(),
    })
    .nullish(),
  logprobs: z.unknown().optional(),
  done: z.boolean().nullish(),
  done_reason: z.string().nullish(),
  prompt_eval_count: z.int().min(0).nullish().catch(undefined),
  eval_count: z.int().min(0).nullish().catch(undefined),
});
type Line = z.infer<typeof lineSchema>;

/**
 * Ollama's lines as engine events.
 * @throws GridError engine_cut when the stream ends without its closing line, as after one token 30 times over; engine_error for
 * an error line in the middle
 */
export async function* readOllamaAnswer(
  bytes: AsyncIterable<Uint8Array>,
  chat: EngineChat,
  newToolCallId: () => string,
): AsyncGenerator<EngineEvent> {
  let toolCallCount = 0;
  // Ollama has no word for it: what goes beyond the one call that was allowed is left out.
  const most = chat.request['parallel_tool_calls'] === false ? 1 : Infinity;
  let pieces = 0;
  for await (const value of readNdjson(bytes)) {
    const line = parseLine(value);
    if (line.error !== undefined) throw ollamaLineError(line.error);
    const { content, thinking, tool_calls: called } = line.message ?? {};
    const toolCalls = called?.slice(0, most - toolCallCount);
    if (content || thinking || toolCalls?.length) pieces += 1;
    if (thinking) yield { type: 'delta', delta: { reasoning: thinking } };
    const logprobs = line.logprobs == null ? undefined : parseLogprobs(line.logprobs);
    if (content) yield { type: 'delta', delta: { content, ...(logprobs ? { logprobs } : {}) } };
    if (toolCalls?.length) {
      const first = toolCallCount;
      toolCallCount += toolCalls.length;
      yield {
        type: 'delta',
        delta: {
          toolCalls: toolCalls.map(({ function: called }, offset) => ({
            index: first + offset,
            id: newToolCallId(),
            name: called.name,
            arguments: JSON.stringify(called.arguments ?? {}),
          })),
        },
      };
    }
    if (line.done) {
      yield { type: 'finish', reason: finishReason(line, toolCallCount), usage: usageOf(line, chat, pieces) };
      return;
    }
  }
  throw new GridError('engine_cut');
}

function parseLine(value: unknown): Line {
  const parsed = lineSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new GridError('engine_error', 'Ollama sent a line that is not part of an answer.', { cause: parsed.error });
}

function finishReason(line: Line, toolCallCount: number): FinishReason {
  if (toolCallCount > 0) return 'tool_calls';
  return line.done_reason === 'length' ? 'length' : 'stop';
}

function usageOf(line: Line, chat: EngineChat, pieces: number) {
  const { prompt_eval_count: inputTokens, eval_count: outputTokens } = line;
  return {
    inputTokens: inputTokens ?? estimateInputTokens(chat.request),
    // Ollama sends a line for each token, except while it holds back what may become a tool call.
    outputTokens: outputTokens ?? pieces,
    estimated: inputTokens == null || outputTokens == null,
  };
}
