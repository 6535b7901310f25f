import { z } from 'zod';
import { estimateInputTokens, parseLogprobs, type FinishReason, type Usage } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import type { EngineChat, EngineEvent } from './engine.ts';
import { parseEngineJson } from './ndjson.ts';
import { openAiStreamError } from './openai-errors.ts';
import { createToolCallReader, toolCallPartSchema } from './openai-tool-calls.ts';
import { readServerSent } from './server-sent.ts';

const textSchema = z.string().nullish();
const countSchema = z.int().min(0);
const chunkSchema = z.object({
  error: z.unknown().optional(),
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: textSchema,
            // llama.cpp, LM Studio and older vLLM say the first, newer vLLM and Ollama the second.
            reasoning_content: textSchema,
            reasoning: textSchema,
            tool_calls: z.array(toolCallPartSchema).nullish(),
          })
          .nullish(),
        logprobs: z.object({ content: z.unknown() }).nullish().catch(undefined),
        finish_reason: textSchema,
      }),
    )
    .nullish(),
  usage: z
    .object({
      prompt_tokens: countSchema,
      completion_tokens: countSchema,
      prompt_tokens_details: z.object({ cached_tokens: countSchema.nullish() }).nullish().catch(undefined),
    })
    .nullish()
    .catch(undefined),
});
type Chunk = z.infer<typeof chunkSchema>;
type Choice = NonNullable<Chunk['choices']>[number];

/** What was said so far, for counting where the server does not. */
interface Heard {
  pieces: number;
  characters: number;
  logprobs: number;
}

/**
 * An OpenAI stream as engine events.
 * @throws GridError engine_cut when it ends with neither a finish reason nor `[DONE]`; engine_error for an error chunk
 */
export async function* readOpenAiAnswer(
  bytes: AsyncIterable<Uint8Array>,
  chat: EngineChat,
  newToolCallId: () => string,
): AsyncGenerator<EngineEvent> {
  const toolCalls = createToolCallReader(newToolCallId);
  const heard: Heard = { pieces: 0, characters: 0, logprobs: 0 };
  let reason: FinishReason | undefined;
  let counted: NonNullable<Chunk['usage']> | undefined;
  let isDone = false;
  try {
    for await (const data of readServerSent(bytes)) {
      isDone = data.trim() === '[DONE]';
      if (isDone) break;
      const chunk = parseChunk(data);
      if (chunk.error != null) throw openAiStreamError(chunk.error);
      if (chunk.usage) counted = chunk.usage;
      const [choice] = chunk.choices ?? [];
      if (!choice) continue;
      for (const delta of deltasOf(choice, toolCalls.read(choice.delta?.tool_calls ?? []), heard))
        yield { type: 'delta', delta };
      if (choice.finish_reason) reason = finishReasonOf(choice.finish_reason);
    }
  } catch (error) {
    // Said to be whole before the connection broke: only the count may be missing.
    if (reason === undefined || !(error instanceof GridError) || error.code !== 'engine_cut') throw error;
  }
  if (reason === undefined && !isDone) throw new GridError('engine_cut');
  yield {
    type: 'finish',
    reason: toolCalls.count > 0 ? 'tool_calls' : (reason ?? 'stop'),
    usage: usageOf(counted, chat, heard),
  };
}

function parseChunk(data: string): Chunk {
  const parsed = chunkSchema.safeParse(parseEngineJson(data));
  if (parsed.success) return parsed.data;
  throw new GridError('engine_error', 'The engine sent a chunk that is not part of an answer.', {
    cause: parsed.error,
  });
}

function deltasOf(
  choice: Choice,
  toolCalls: ReturnType<ReturnType<typeof createToolCallReader>['read']>,
  heard: Heard,
) {
  const { content, reasoning_content: older, reasoning: newer } = choice.delta ?? {};
  const reasoning = older || newer;
  const logprobs = parseLogprobs(choice.logprobs?.content);
  heard.logprobs += logprobs?.length ?? 0;
  const said = (reasoning ?? '').length + (content ?? '').length + toolCalls.reduce(charactersOf, 0);
  if (said > 0) heard.pieces += 1;
  heard.characters += said;
  return [
    ...(reasoning ? [{ reasoning }] : []),
    ...(content ? [{ content, ...(logprobs ? { logprobs } : {}) }] : []),
    ...(toolCalls.length > 0 ? [{ toolCalls }] : []),
  ];
}

const charactersOf = (sum: number, call: { name?: string; arguments: string }) =>
  sum + (call.name ?? '').length + call.arguments.length;

function finishReasonOf(text: string): FinishReason {
  if (text === 'length' || text === 'content_filter') return text;
  return text === 'tool_calls' || text === 'function_call' ? 'tool_calls' : 'stop';
}

/** Long English words apart, no text has more characters a token than this. */
const MOST_CHARACTERS_A_TOKEN = 6;

/**
 * The server's count where it gives one. Else ours, on the low side, so that nobody pays for what was not said: as many tokens as
 * came log probabilities; or a token for each piece that was sent, and one for each six characters where it bundles them.
 */
function usageOf(counted: Chunk['usage'], chat: EngineChat, heard: Heard): Usage {
  if (counted) {
    const cachedTokens = counted.prompt_tokens_details?.cached_tokens;
    return {
      inputTokens: counted.prompt_tokens,
      ...(cachedTokens == null ? {} : { cachedTokens }),
      outputTokens: counted.completion_tokens,
      estimated: false,
    };
  }
  const outputTokens = heard.logprobs || Math.max(heard.pieces, Math.floor(heard.characters / MOST_CHARACTERS_A_TOKEN));
  return {
    inputTokens: estimateInputTokens(chat.request),
    outputTokens: Math.min(outputTokens, chat.maxOutputTokens),
    estimated: true,
  };
}
