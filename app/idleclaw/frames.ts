import { z } from 'zod';

/**
 * IdleClaw's wire: what crosses the WebSocket between a hub and its nodes, what a consumer reads, and the limits both sides
 * keep. Names are as on the wire. Facts observed on running servers and nodes; what is ours on top travels in one HTTP header
 * of the upgrade request, so that no existing server ever sees a frame it does not know.
 */
export const NODE_SOCKET_PATH = '/ws/node';

/** What a hub keeps to, whoever asks. Sources: the published skill, and what was observed. */
export const LIMITS = {
  chatPerMinute: 20,
  otherPerMinute: 60,
  socketsPerMinute: 5,
  parallelChatsPerAddress: 3,
  messages: 50,
  messageCharacters: 10_000,
  totalCharacters: 100_000,
  modelNameCharacters: 64,
  nodesPerAddress: 3,
  modelsPerNode: 20,
  minConcurrent: 1,
  maxConcurrent: 10,
  answerCharacters: 4_096,
  registrationMs: 10_000,
  heartbeatMs: 15_000,
  evictAfterMs: 45_000,
  evictCheckMs: 15_000,
  betweenChunksMs: 60_000,
  wholeAnswerMs: 120_000,
  keepAliveMs: 15_000,
  toolMs: 15_000,
  toolCallsPerMinutePerNode: 20,
  toolRounds: 5,
} as const;

/** A node that says otherwise in NODE_OFFER_HEADER takes more; one that says nothing refuses what is over. */
export const NODE_LIMITS = {
  messages: LIMITS.messages,
  messageCharacters: LIMITS.messageCharacters,
} as const;

/** Letters, digits, colons, periods, hyphens; underscores and slashes occur in names that Ollama lists. */
export const MODEL_NAME = /^[A-Za-z0-9][A-Za-z0-9._:/-]*$/;
const modelName = z.string().min(1).max(LIMITS.modelNameCharacters).regex(MODEL_NAME);

/** Why a hub closes a socket. 1000 and 1001 ask a node to come back, 1008 says that it must change something first. */
export const CLOSE = {
  heartbeatTimeout: { code: 1000, reason: 'heartbeat timeout' },
  /** the same node_id registered anew, by the same contributor: the old socket was dead */
  replaced: { code: 1000, reason: 'replaced by a newer connection' },
  goingAway: { code: 1001, reason: 'server restarting' },
  expectedRegister: { code: 1008, reason: 'expected register message' },
  invalidNodeId: { code: 1008, reason: 'invalid node_id' },
  noModels: { code: 1008, reason: 'no models provided' },
  invalidModelName: { code: 1008, reason: 'invalid model name' },
  tooManyModels: { code: 1008, reason: 'too many models' },
  tooManyNodes: { code: 1008, reason: 'too many nodes from this IP' },
  registrationTimeout: { code: 1008, reason: 'registration timeout' },
  /** somebody else's node_id, registered from another address: the one that is there stays */
  nodeIdTaken: { code: 1008, reason: 'node_id already registered' },
} as const;

// Node → hub

export const registerFrameSchema = z.object({
  type: z.literal('register'),
  node_id: z.guid(),
  models: z.array(z.object({ name: modelName, size: z.number().nonnegative().catch(0).default(0) })),
  max_concurrent: z.number().catch(LIMITS.minConcurrent).default(LIMITS.minConcurrent),
  ollama_version: z.string().max(64).nullish().catch(undefined),
});
export type RegisterFrame = z.infer<typeof registerFrameSchema>;

export const heartbeatFrameSchema = z.object({
  type: z.literal('heartbeat'),
  node_id: z.string(),
  active_requests: z.number().nonnegative(),
  /** as the existing node agent sends it: places that are free; some send whether any is */
  available: z.union([z.number(), z.boolean()]),
});
export type HeartbeatFrame = z.infer<typeof heartbeatFrameSchema>;

/** Ollama's native shape: arguments are an object. */
export const nativeToolCallSchema = z.object({
  id: z.string().optional(),
  function: z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) }),
});
export type NativeToolCall = z.infer<typeof nativeToolCallSchema>;

/** Only role, content, thinking and tool_calls of a message go back. */
export interface NodeMessage {
  readonly role: 'assistant';
  readonly content: string;
  readonly thinking?: string;
  readonly tool_calls?: readonly NativeToolCall[];
}
export interface NodeChunk {
  readonly message: NodeMessage;
  readonly done: boolean;
  readonly done_reason?: string;
}
export interface InferenceChunkFrame {
  readonly type: 'inference_chunk';
  readonly request_id: string;
  readonly chunk: NodeChunk;
}
export type InferenceErrorCode = 'invalid_request' | 'ollama_unavailable' | 'ollama_error';
export interface InferenceErrorFrame {
  readonly type: 'inference_error';
  readonly request_id: string;
  readonly error: InferenceErrorCode;
}
export type NodeFrame = RegisterFrame | HeartbeatFrame | InferenceChunkFrame | InferenceErrorFrame;

// Hub → node

/** What a node passes to its Ollama; anything else a hub sends is left out. */
export const OLLAMA_PARAMS = [
  'model',
  'messages',
  'stream',
  'think',
  'keep_alive',
  'options',
  'tools',
  'format',
] as const;

export const nativeMessageSchema = z.object({
  role: z.enum(['system', 'user', 'assistant', 'tool']),
  content: z.string(),
  thinking: z.string().optional(),
  images: z.array(z.string()).optional(),
  tool_calls: z.array(nativeToolCallSchema).optional(),
  tool_name: z.string().optional(),
});
export type NativeMessage = z.infer<typeof nativeMessageSchema>;

export const nativeToolSchema = z.object({
  type: z.literal('function'),
  function: z.looseObject({
    name: z.string(),
    description: z.string().optional(),
    parameters: z.looseObject({}).optional(),
  }),
});
export type NativeTool = z.infer<typeof nativeToolSchema>;

/** z.object strips what is not listed: this is OLLAMA_PARAMS as a schema. */
export const ollamaParamsSchema = z.object({
  model: z.string().min(1),
  messages: z.array(nativeMessageSchema),
  stream: z.boolean().optional(),
  think: z.union([z.boolean(), z.string()]).nullish(),
  keep_alive: z.union([z.number(), z.string()]).nullish(),
  options: z.record(z.string(), z.unknown()).nullish(),
  tools: z.array(nativeToolSchema).nullish(),
  format: z.union([z.string(), z.looseObject({})]).nullish(),
});
export type OllamaParams = z.infer<typeof ollamaParamsSchema>;

export const registeredFrameSchema = z.object({ type: z.literal('registered'), node_id: z.string() });
export const inferenceRequestFrameSchema = z.object({
  type: z.literal('inference_request'),
  request_id: z.string().min(1).max(128),
  /** kept as it came: a bad one is answered with inference_error, which needs the request_id */
  ollama_params: z.unknown(),
});
export const cancelRequestFrameSchema = z.object({ type: z.literal('cancel_request'), request_id: z.string() });
/** Ours: the answer to a frame that was not understood. The socket lives. */
export const errorFrameSchema = z.object({ type: z.literal('error'), message: z.string() });

export const hubFrameSchema = z.discriminatedUnion('type', [
  registeredFrameSchema,
  inferenceRequestFrameSchema,
  cancelRequestFrameSchema,
  errorFrameSchema,
]);
export type HubFrame = z.infer<typeof hubFrameSchema>;

// Ours on top: what a node takes beyond NODE_LIMITS, told in a header of its upgrade request (JSON, ASCII)

export const NODE_OFFER_HEADER = 'x-lobstah-node';
/** A hub that read the offer says so in its answer to the upgrade: only then does a node take more than NODE_LIMITS. */
export const OFFER_READ_HEADER = 'x-lobstah-hub';
export const nodeOfferSchema = z.object({
  version: z.literal(1),
  /** what this node accepts in one request; an agent's conversation is far over what the existing node takes */
  limits: z.object({
    messages: z.int().positive().max(10_000),
    messageCharacters: z.int().positive().max(32_000_000),
  }),
  /** per model name; a hub probes for what is not told */
  capabilities: z.record(z.string(), z.object({ thinking: z.boolean(), tool_calls: z.boolean() })).default({}),
});
export type NodeOffer = z.infer<typeof nodeOfferSchema>;

// Consumers

export const chatBodySchema = z.object({
  model: modelName,
  messages: z
    .array(z.object({ role: z.enum(['user', 'assistant']), content: z.string().max(LIMITS.messageCharacters) }))
    .min(1)
    .max(LIMITS.messages)
    .refine(
      (messages) => messages.reduce((sum, { content }) => sum + content.length, 0) <= LIMITS.totalCharacters,
      `must be at most ${LIMITS.totalCharacters} characters in all`,
    ),
  think: z.boolean().nullish(),
});
export type ChatBody = z.infer<typeof chatBodySchema>;

export const healthSchema = z.object({
  status: z.string(),
  uptime_seconds: z.number(),
  node_count: z.number(),
});
export type Health = z.infer<typeof healthSchema>;

export const modelsSchema = z.object({
  models: z.array(z.string()),
  capabilities: z.record(z.string(), z.object({ thinking: z.boolean(), tool_calls: z.boolean() })).default({}),
});
export type HubModels = z.infer<typeof modelsSchema>;

/** One event of the answer to POST /api/chat. */
export const sseDeltaSchema = z.object({
  content: z.string().optional(),
  reasoning: z.boolean().optional(),
  tool_call: z.object({ name: z.string(), status: z.string() }).optional(),
});
export const sseChunkSchema = z.object({
  id: z.string(),
  object: z.literal('chat.completion.chunk'),
  model: z.string(),
  choices: z.array(z.object({ delta: sseDeltaSchema, index: z.number() })),
});
export type SseDelta = z.infer<typeof sseDeltaSchema>;
export type SseChunk = z.infer<typeof sseChunkSchema>;

/** Errors come as content inside a 200: this is how a hub writes them, IN_BAND_ERROR how a consumer tells them from text. */
export const inBandError = (sentence: string): string => `\n\n[Error: ${sentence}]`;
export const IN_BAND_ERROR = /^\s*\[Error: ([^\]]*)\]\s*$/;
