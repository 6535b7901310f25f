import { z } from 'zod';
import type { FinishReason } from '../protocol/chat.ts';
import { isGridErrorCode } from '../protocol/errors.ts';

const textSchema = z.string().nullish();
const chunkSchema = z.object({
  choices: z
    .array(
      z.object({
        delta: z
          .object({
            content: textSchema,
            reasoning_content: textSchema,
            reasoning: textSchema,
            tool_calls: z
              .array(
                z.object({
                  index: z.int().min(0).max(1000).catch(0),
                  id: textSchema,
                  function: z.object({ name: textSchema, arguments: textSchema }).nullish(),
                }),
              )
              .nullish(),
          })
          .nullish(),
        finish_reason: textSchema,
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.unknown().optional(),
});
export type Chunk = z.infer<typeof chunkSchema>;

export interface PeerErrorEvent {
  readonly type: string;
  readonly message: string;
}

/** Reads along while an answer passes: has it begun, has it ended, how much arrived. */
export class AnswerMeter {
  /** UTF-8 bytes of content, reasoning and tool arguments */
  answerBytes = 0;
  deltas = 0;
  toolCalls = 0;
  finishReason: FinishReason | undefined;
  usage: { prompt_tokens: number; completion_tokens: number } | undefined;

  /** The first content, tool call or reasoning arrived: the point of no return for silent failover. */
  get begun(): boolean {
    return this.deltas > 0 || this.finishReason !== undefined;
  }

  /** @returns the chunk, an error the peer reported inside the stream, or undefined for what is neither */
  read(data: string): Chunk | PeerErrorEvent | undefined {
    let json: unknown;
    try {
      json = JSON.parse(data);
    } catch {
      return undefined;
    }
    const parsed = chunkSchema.safeParse(json);
    if (!parsed.success) return undefined;
    const chunk = parsed.data;
    if (chunk.error != null) return errorEventOf(chunk.error);
    for (const choice of chunk.choices) this.count(choice);
    if (chunk.usage) this.usage = chunk.usage;
    return chunk;
  }

  private count({ delta, finish_reason }: Chunk['choices'][number]): void {
    let bytes = 0;
    for (const text of [delta?.content, delta?.reasoning_content, delta?.reasoning])
      if (text) bytes += Buffer.byteLength(text);
    for (const call of delta?.tool_calls ?? []) {
      // The name of a function is generated too; a new one starts a call.
      if (call.function?.name) this.toolCalls += 1;
      bytes += Buffer.byteLength(call.function?.name ?? '') + Buffer.byteLength(call.function?.arguments ?? '');
    }
    this.answerBytes += bytes;
    if (bytes > 0) this.deltas += 1;
    if (finish_reason) this.finishReason = finishReasonOf(finish_reason);
  }
}

export function isPeerError(read: Chunk | PeerErrorEvent): read is PeerErrorEvent {
  return 'message' in read;
}

const FINISH_REASONS: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter'];

function finishReasonOf(text: string): FinishReason {
  return FINISH_REASONS.includes(text) ? (text as FinishReason) : 'stop';
}

/** {error:{type, message}} of a worker, or {error:{code, message}} in OpenAI's shape; anything else is named as such. */
export function errorEventOf(error: unknown): PeerErrorEvent {
  const parsed = z
    .object({ type: z.string().optional(), code: z.string().nullish(), message: z.string().optional() })
    .safeParse(error);
  if (!parsed.success) return { type: 'unknown', message: 'The peer reported an error without saying which.' };
  const { type, code, message } = parsed.data;
  const known = [code, type].find(isGridErrorCode);
  return { type: known ?? type ?? code ?? 'unknown', message: (message ?? 'no message').slice(0, 300) };
}
