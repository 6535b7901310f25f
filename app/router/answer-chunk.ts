import { z } from 'zod';
import { isGridErrorCode } from '../protocol/errors.ts';

const textSchema = z.string().nullish();
const chunkSchema = z.object({
  id: textSchema.catch(undefined),
  model: textSchema.catch(undefined),
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
        logprobs: z.unknown().optional(),
        finish_reason: textSchema,
      }),
    )
    .default([]),
  usage: z
    .object({
      prompt_tokens: z.number(),
      completion_tokens: z.number(),
      prompt_tokens_details: z.object({ cached_tokens: z.number().nullish() }).nullish().catch(undefined),
    })
    .nullish(),
  error: z.unknown().optional(),
});
/** A chunk of an OpenAI stream, as far as a router looks into it. */
export type Chunk = z.infer<typeof chunkSchema>;

export interface PeerErrorEvent {
  readonly type: string;
  readonly message: string;
}

/** @returns the chunk, an error the peer reported inside the stream, or undefined for what is neither */
export function parseChunk(data: string): Chunk | PeerErrorEvent | undefined {
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return undefined;
  }
  const parsed = chunkSchema.safeParse(json);
  if (!parsed.success) return undefined;
  return parsed.data.error == null ? parsed.data : errorEventOf(parsed.data.error);
}

export function isPeerError(read: Chunk | PeerErrorEvent): read is PeerErrorEvent {
  return 'message' in read;
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
