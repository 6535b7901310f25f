import { z } from 'zod';
import { badRequest } from './bad-request.ts';
import { refuseUnsupported } from './chat-parameters.ts';
import { MAX_TOKENS_PER_JOB } from './price.ts';

/**
 * OpenAI's chat completion request and the parts of its answers that the grid looks into. Members that are not named here
 * are kept as they came: a worker's engine may know them.
 */
const textPartSchema = z.looseObject({ type: z.literal('text'), text: z.string() });
const imagePartSchema = z.looseObject({ type: z.literal('image_url'), image_url: z.looseObject({ url: z.string() }) });
const otherPartSchema = z.looseObject({ type: z.string() });
const contentPartSchema = z.union([textPartSchema, imagePartSchema, otherPartSchema]);
const toolCallSchema = z.looseObject({
  id: z.string(),
  type: z.literal('function').optional(),
  function: z.looseObject({ name: z.string(), arguments: z.string() }),
});
const messageSchema = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool', 'function']),
  content: z.union([z.string(), z.array(contentPartSchema), z.null()]).optional(),
  name: z.string().optional(),
  tool_calls: z.array(toolCallSchema).optional(),
  tool_call_id: z.string().optional(),
});
const toolSchema = z.looseObject({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string(),
    description: z.string().nullish(),
    parameters: z.looseObject({}).nullish(),
  }),
});
const tokenCap = z.int().min(1).nullish();

const chatRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(messageSchema).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().optional() }).nullish(),
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  max_tokens: tokenCap,
  max_completion_tokens: tokenCap,
  n: z.int().nullish(),
  stop: z.union([z.string(), z.array(z.string())]).nullish(),
  seed: z.int().nullish(),
  tools: z.array(toolSchema).nullish(),
  tool_choice: z.unknown().optional(),
  response_format: z.looseObject({ type: z.string() }).nullish(),
  reasoning_effort: z.string().nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.int().min(0).max(20).nullish(),
});

export type ChatRequest = z.infer<typeof chatRequestSchema>;
export type ChatMessage = z.infer<typeof messageSchema>;
export type ContentPart = z.infer<typeof contentPartSchema>;
export type ToolCall = z.infer<typeof toolCallSchema>;

/** Requests that name no cap get this one: an engine without any may write ten contexts full. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 8192;

/** @throws GridError bad_request naming the first field that is wrong, unsupported_parameter for what no peer can honour */
export function parseChatRequest(input: unknown): ChatRequest {
  const parsed = chatRequestSchema.safeParse(input);
  if (!parsed.success) throw badRequest(parsed.error);
  refuseUnsupported(parsed.data);
  return parsed.data;
}

export function maxOutputTokensOf(request: ChatRequest): number {
  return Math.min(request.max_completion_tokens ?? request.max_tokens ?? DEFAULT_MAX_OUTPUT_TOKENS, MAX_TOKENS_PER_JOB);
}

/** The text of a message, its text parts joined by line breaks, as every chat template expects it. */
export function textOf(content: ChatMessage['content']): string {
  if (typeof content === 'string') return content;
  if (!content) return '';
  return content
    .flatMap((part) => (part.type === 'text' && typeof part['text'] === 'string' ? [part['text']] : []))
    .join('\n');
}

/**
 * A rough size of the prompt in tokens, for choosing a context and a hold before anything was counted: four characters a
 * token (OpenAI's rule of thumb for English), five tokens a message for the template.
 */
export function estimateInputTokens(request: ChatRequest): number {
  let characters = request.tools ? JSON.stringify(request.tools).length : 0;
  for (const message of request.messages) {
    characters += textOf(message.content).length;
    if (message.tool_calls) characters += JSON.stringify(message.tool_calls).length;
  }
  return Math.ceil(characters / 4) + 5 * request.messages.length;
}

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter';

/** One step of an answer: what a `delta` of a chunk carries. */
export interface ChatDelta {
  readonly content?: string;
  /** Sent to clients as `reasoning_content`, the member most clients know. */
  readonly reasoning?: string;
  readonly toolCalls?: readonly ToolCallDelta[];
  /** of the tokens in `content`, where the request asked for them */
  readonly logprobs?: readonly TokenLogprob[];
}

/** The first part of a call carries id and name; later parts only more of its arguments. */
export interface ToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly name?: string;
  readonly arguments: string;
}

/** OpenAI's shape, which engines share: natural logarithms, the token's UTF-8 bytes, the likeliest others. */
export interface TokenLogprob {
  readonly token: string;
  readonly logprob: number;
  readonly bytes: readonly number[] | null;
  readonly top_logprobs: readonly Omit<TokenLogprob, 'top_logprobs'>[];
}

const tokenLogprobSchema = z.object({
  token: z.string(),
  logprob: z.number(),
  bytes: z.array(z.int()).nullish().catch(null),
});
const logprobsSchema = z.array(tokenLogprobSchema.extend({ top_logprobs: z.array(tokenLogprobSchema).nullish() }));

/** @returns undefined for what is not a list of log probabilities: an answer is worth more than its probabilities */
export function parseLogprobs(input: unknown): TokenLogprob[] | undefined {
  const parsed = logprobsSchema.safeParse(input);
  if (!parsed.success || parsed.data.length === 0) return undefined;
  const plain = ({ token, logprob, bytes }: z.infer<typeof tokenLogprobSchema>) => ({
    token,
    logprob,
    bytes: bytes ?? null,
  });
  return parsed.data.map((entry) => ({ ...plain(entry), top_logprobs: (entry.top_logprobs ?? []).map(plain) }));
}

export interface Usage {
  readonly inputTokens: number;
  /** how many of them the engine still had from before and did not read again; undefined where it does not say */
  readonly cachedTokens?: number | undefined;
  readonly outputTokens: number;
  /** The engine did not count; the numbers are ours. */
  readonly estimated: boolean;
}
