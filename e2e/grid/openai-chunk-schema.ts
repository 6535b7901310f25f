import { z } from 'zod';

/**
 * `CreateChatCompletionStreamResponse` of OpenAI's published specification (openai/openai-openapi), member by member, with
 * nothing else allowed but what is marked as not OpenAI's.
 */
const topLogprobSchema = z.strictObject({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullable(),
});
const tokenLogprobSchema = z.strictObject({ ...topLogprobSchema.shape, top_logprobs: z.array(topLogprobSchema) });

const deltaSchema = z.strictObject({
  content: z.string().nullable().optional(),
  function_call: z.strictObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
  tool_calls: z
    .array(
      z.strictObject({
        index: z.int(),
        id: z.string().optional(),
        type: z.literal('function').optional(),
        function: z.strictObject({ name: z.string().optional(), arguments: z.string().optional() }).optional(),
      }),
    )
    .optional(),
  role: z.enum(['developer', 'system', 'user', 'assistant', 'tool']).optional(),
  refusal: z.string().nullable().optional(),
  /** not OpenAI's: what DeepSeek began and clients read */
  reasoning_content: z.string().optional(),
});

const usageSchema = z.strictObject({
  completion_tokens: z.int(),
  prompt_tokens: z.int(),
  total_tokens: z.int(),
  completion_tokens_details: z.looseObject({}).optional(),
  prompt_tokens_details: z.looseObject({}).optional(),
});

const chunkSchema = z.strictObject({
  id: z.string(),
  choices: z.array(
    z.strictObject({
      delta: deltaSchema,
      logprobs: z
        .strictObject({
          content: z.array(tokenLogprobSchema).nullable(),
          refusal: z.array(tokenLogprobSchema).nullable(),
        })
        .nullable()
        .optional(),
      finish_reason: z.enum(['stop', 'length', 'tool_calls', 'content_filter', 'function_call']).nullable(),
      index: z.int(),
    }),
  ),
  created: z.int(),
  model: z.string(),
  service_tier: z.enum(['auto', 'default', 'flex', 'scale', 'priority']).nullable().optional(),
  system_fingerprint: z.string().optional(),
  object: z.literal('chat.completion.chunk'),
  usage: usageSchema.nullable().optional(),
});
export type PublishedChunk = z.infer<typeof chunkSchema>;

/**
 * Every line of a stream against the schema, and what holds between them: one id and model, a finish reason once, usage last,
 * `[DONE]` at the end and nothing after it.
 * @throws an Error naming the line
 */
export function checkStream(text: string): PublishedChunk[] {
  const chunks: PublishedChunk[] = [];
  const lines = text.split('\n');
  let done = 0;
  for (const [index, line] of lines.entries()) {
    const isBlank = line === '';
    if (isBlank || line.startsWith(':')) continue;
    if (!line.startsWith('data: ')) throw new Error(`line ${index + 1} is no data: ${line}`);
    if (lines[index + 1] !== '') throw new Error(`line ${index + 1} is not followed by a blank one`);
    if (done > 0) throw new Error(`line ${index + 1} comes after [DONE]`);
    if (line === 'data: [DONE]') {
      done += 1;
      continue;
    }
    const parsed = chunkSchema.safeParse(JSON.parse(line.slice(6)));
    if (!parsed.success) throw new Error(`line ${index + 1}: ${parsed.error.message} in ${line}`);
    chunks.push(parsed.data);
  }
  if (done !== 1) throw new Error('there is no [DONE]');
  if (new Set(chunks.map(({ id, model }) => `${id} ${model}`)).size !== 1) throw new Error('id or model changed');
  const finishes = chunks.flatMap(({ choices }) => choices.filter(({ finish_reason: reason }) => reason !== null));
  if (finishes.length !== 1) throw new Error(`${finishes.length} chunks have a finish reason`);
  const last = chunks.at(-1);
  if (!last?.usage || last.choices.length > 0) throw new Error('the last chunk is not the usage');
  return chunks;
}
