import { z } from 'zod';

/** What the grid and the process with llama.cpp in it say to each other. */
export interface LlamaTurn {
  readonly role: 'system' | 'user' | 'assistant';
  readonly text: string;
  /** what an assistant called before it said its text, with what came back */
  readonly calls?: readonly LlamaCall[] | undefined;
}

export interface LlamaCall {
  readonly name: string;
  readonly params?: unknown;
  readonly result?: unknown;
}

const toolSchema = z.object({
  name: z.string(),
  description: z.string().optional(),
  /** a JSON schema that a grammar can hold; absent: no arguments */
  params: z.record(z.string(), z.unknown()).optional(),
});
export type LlamaTool = z.infer<typeof toolSchema>;

const chatSchema = z.object({
  type: z.literal('chat'),
  chatNumber: z.int(),
  turns: z
    .array(
      z.object({
        role: z.enum(['system', 'user', 'assistant']),
        text: z.string(),
        calls: z
          .array(z.object({ name: z.string(), params: z.unknown().optional(), result: z.unknown().optional() }))
          .optional(),
      }),
    )
    .min(1),
  /** 'forced': the answer is a call of one of these and nothing else */
  tools: z.object({ list: z.array(toolSchema).min(1), forced: z.boolean(), parallel: z.boolean() }).optional(),
  maxOutputTokens: z.int().min(1),
  temperature: z.number(),
  topP: z.number().optional(),
  frequencyPenalty: z.number().optional(),
  presencePenalty: z.number().optional(),
  seed: z.int(),
  stop: z.array(z.string()),
  /** 'json', or a JSON schema the answer is held to */
  format: z.union([z.literal('json'), z.record(z.string(), z.unknown())]).optional(),
  thinks: z.boolean(),
});
const toHostSchema = z.discriminatedUnion('type', [
  chatSchema,
  z.object({ type: z.literal('abort'), chatNumber: z.int() }),
]);

const fromHostSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('delta'), chatNumber: z.int(), text: z.string(), isReasoning: z.boolean() }),
  /** a whole call, its arguments as JSON */
  z.object({ type: z.literal('call'), chatNumber: z.int(), name: z.string(), arguments: z.string() }),
  z.object({
    type: z.literal('finish'),
    chatNumber: z.int(),
    reason: z.enum(['stop', 'length', 'tool_calls']),
    inputTokens: z.int(),
    cachedTokens: z.int(),
    outputTokens: z.int(),
  }),
  z.object({
    type: z.literal('failed'),
    chatNumber: z.int(),
    code: z.enum(['engine_error', 'engine_refused', 'context_exceeded']),
    message: z.string(),
  }),
  /** An aborted chat has really stopped. */
  z.object({ type: z.literal('aborted'), chatNumber: z.int(), outputTokens: z.int() }),
]);

/** Handed to the process as its only argument, in JSON. */
const hostConfigSchema = z.object({
  modelPath: z.string(),
  /** For the sample model: what does not fit is left out instead of refused. */
  dropsWhatDoesNotFit: z.boolean(),
});

export type LlamaChatMessage = z.infer<typeof chatSchema>;
export type ToLlamaHost = z.infer<typeof toHostSchema>;
export type FromLlamaHost = z.infer<typeof fromHostSchema>;
export type LlamaHostConfig = z.infer<typeof hostConfigSchema>;

export const parseToLlamaHost = (input: unknown): ToLlamaHost => toHostSchema.parse(input);
export const parseFromLlamaHost = (input: unknown): FromLlamaHost => fromHostSchema.parse(input);
export const parseLlamaHostConfig = (input: unknown): LlamaHostConfig => hostConfigSchema.parse(input);
