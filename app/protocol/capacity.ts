import { z } from 'zod';
import { pubkeySchema } from './receipt.ts';

/** Order of preference at a router, best first. */
export const TIERS = ['interactive', 'batch', 'best-effort'] as const;

const countSchema = z.int().min(0).catch(0);
/** 'embedding' marks a model that makes embeddings and does not chat; the others are what a chat model can do. */
export const CAPABILITIES = ['tools', 'vision', 'thinking', 'embedding'] as const;

const offerSchema = z.object({
  model: z.string().min(1).max(256),
  digest: z.string().max(128).optional(),
  parameterSize: z.string().max(32).optional(),
  quantization: z.string().max(32).optional(),
  /** tokens */
  contextLength: z.int().min(1).optional(),
  // A capability we do not know yet must not make the whole answer unreadable.
  capabilities: z
    .array(z.string())
    .transform((names) => CAPABILITIES.filter((capability) => names.includes(capability)))
    .catch([]),
  loaded: z.boolean().catch(false),
  price: z.object({ input: z.int().min(0), output: z.int().min(0) }),
});

/** `GET /capacity`: the first six members are v1, the others are ours and absent from v1 workers. */
const capacitySchema = z.object({
  pubkey: pubkeySchema,
  models: z.array(z.string().min(1).max(256)).max(2000),
  tier: z.enum(TIERS).catch('best-effort'),
  concurrency: z.int().min(1).catch(1),
  queueDepth: countSchema,
  jobCounts: z.record(z.string(), z.unknown()).optional(),
  order: z.literal(1).optional(),
  protocol: z.number().optional(),
  offers: z.array(offerSchema).max(2000).optional(),
  limits: z.object({ maxBodyBytes: z.int().min(1).optional(), maxQueue: z.int().min(0).optional() }).optional(),
  sharing: z.enum(['ready', 'busy', 'paused']).optional(),
});

export type Tier = (typeof TIERS)[number];
export type Capability = (typeof CAPABILITIES)[number];

/** One that chats too is not marked, whatever its engine says. */
export function isEmbeddingModel({ capabilities }: { readonly capabilities?: readonly string[] | undefined }): boolean {
  return capabilities?.includes('embedding') === true;
}

export type Offer = z.infer<typeof offerSchema>;
export type Capacity = z.infer<typeof capacitySchema>;

/** @returns undefined when a peer answered something else */
export function parseCapacity(input: unknown): Capacity | undefined {
  const parsed = capacitySchema.safeParse(input);
  return parsed.success ? parsed.data : undefined;
}
