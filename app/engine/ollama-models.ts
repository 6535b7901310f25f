import { z } from 'zod';
import { contextThatFits } from './context-that-fits.ts';
import { CAPABILITIES, type Capability } from '../protocol/capacity.ts';
import { GridError } from '../protocol/errors.ts';
import type { EngineModel } from './engine.ts';
import { notOllama } from './ollama-errors.ts';
import type { EngineHttp } from './engine-http.ts';

const detailsSchema = z
  .object({
    family: z.string().optional().catch(undefined),
    parameter_size: z.string().optional().catch(undefined),
    quantization_level: z.string().optional().catch(undefined),
  })
  .catch({});
const tagSchema = z.object({
  name: z.string().min(1),
  digest: z.string().optional(),
  size: z.number().optional(),
  /** Set for models that run on somebody's servers and only pass through this Ollama. */
  remote_host: z.string().optional(),
  details: detailsSchema.optional(),
});
const tagsSchema = z.object({ models: z.array(tagSchema).nullish() });
const psSchema = z.object({
  models: z
    .array(
      z.object({
        name: z.string(),
        digest: z.string().optional(),
        context_length: z.number().optional().catch(undefined),
        size: z.number().optional().catch(undefined),
        expires_at: z.string().optional().catch(undefined),
      }),
    )
    .nullish(),
});
const showSchema = z.object({
  capabilities: z.array(z.string()).optional().catch(undefined),
  model_info: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  details: detailsSchema.optional(),
});

/** What `/api/show` says about one model, as far as a request depends on it. */
export interface OllamaTraits {
  /** undefined: an Ollama from before 0.6.4, which does not say */
  readonly capabilities: readonly string[] | undefined;
  /** the model's own, or what this machine can hold if that is less */
  readonly contextLength: number | undefined;
  readonly family: string | undefined;
}

export interface OllamaResident {
  readonly name: string;
  readonly digest: string | undefined;
  readonly sizeBytes: number;
  /** Infinity: kept for ever, which Ollama writes as a year far away */
  readonly expiresAtMs: number;
}

export interface OllamaCatalogue {
  models(signal: AbortSignal): Promise<EngineModel[]>;
  /** What is needed to ask this model, and the context it is loaded with (0 when it is not). @throws engine_model_not_found */
  lookUp(
    name: string,
    signal: AbortSignal,
  ): Promise<{ traits: OllamaTraits; loadedContext: number; digest: string | undefined }>;
  /** what is in memory, by whoever loaded it */
  residents(signal: AbortSignal): Promise<readonly OllamaResident[]>;
}

type Tag = z.infer<typeof tagSchema>;
type Running = NonNullable<z.infer<typeof psSchema>['models']>;

export function createOllamaCatalogue(http: EngineHttp, memoryBytes: number): OllamaCatalogue {
  /** A digest never changes its meaning, so this is kept; models that are gone leave it with the next listing. */
  const traitsByDigest = new Map<string, OllamaTraits>();

  const tags = async (signal: AbortSignal) => parseAs(tagsSchema, await http.get('/api/tags', signal)).models ?? [];
  const running = async (signal: AbortSignal) => parseAs(psSchema, await http.get('/api/ps', signal)).models ?? [];

  async function traitsOf(name: string, tag: Tag | undefined, signal: AbortSignal): Promise<OllamaTraits> {
    const { digest, size: weightBytes = 0 } = tag ?? {};
    const known = digest === undefined ? undefined : traitsByDigest.get(digest);
    if (known) return known;
    const shown = parseAs(showSchema, await http.post('/api/show', { model: name }, signal));
    // A cloud model is held by other machines.
    const traits = toTraits(shown, tag?.remote_host ? Infinity : memoryBytes - weightBytes);
    if (digest !== undefined) traitsByDigest.set(digest, traits);
    return traits;
  }

  return {
    async models(signal) {
      const [listed, loaded] = await Promise.all([tags(signal), running(signal)]);
      for (const digest of traitsByDigest.keys())
        if (!listed.some((tag) => tag.digest === digest)) traitsByDigest.delete(digest);
      const models: EngineModel[] = [];
      for (const tag of listed) {
        const traits = await traitsOf(tag.name, tag, signal).catch((error: unknown) => {
          signal.throwIfAborted();
          // Deleted since it was listed, or not readable: one bad model must not hide the others.
          if (error instanceof GridError && error.code !== 'engine_unreachable') return undefined;
          throw error;
        });
        if (traits && (chats(traits) || traits.capabilities?.includes('embedding')))
          models.push(toEngineModel(tag, traits, isRunning(tag, loaded)));
      }
      return models;
    },
    async lookUp(name, signal) {
      const [listed, loaded] = await Promise.all([tags(signal), running(signal)]);
      const tag =
        listed.find((candidate) => candidate.name === name) ??
        listed.find((candidate) => candidate.name === `${name}:latest`);
      const traits = await traitsOf(tag?.name ?? name, tag, signal);
      const entry = loaded.find((runner) => runner.digest !== undefined && runner.digest === tag?.digest);
      return { traits, loadedContext: entry?.context_length ?? 0, digest: tag?.digest };
    },
    async residents(signal) {
      return (await running(signal)).map(({ name, digest, size = 0, expires_at }) => {
        const expiresAtMs = Date.parse(expires_at ?? '');
        return { name, digest, sizeBytes: size, expiresAtMs: Number.isNaN(expiresAtMs) ? Infinity : expiresAtMs };
      });
    },
  };
}

/** An Ollama from before 0.6.4 does not say. */
const chats = ({ capabilities }: OllamaTraits) => capabilities?.includes('completion') ?? true;

/** By digest where there is one: `/api/ps` can list a runner under another model's name. */
function isRunning(tag: Tag, loaded: Running): boolean {
  return loaded.some((runner) =>
    tag.digest && runner.digest ? runner.digest === tag.digest : runner.name === tag.name,
  );
}

function toTraits(shown: z.infer<typeof showSchema>, freeBytes: number): OllamaTraits {
  const info = shown.model_info ?? {};
  const trained = info[`${String(info['general.architecture'])}.context_length`];
  const modelTokens = typeof trained === 'number' && trained >= 1 ? Math.floor(trained) : undefined;
  return {
    capabilities: shown.capabilities,
    contextLength: modelTokens && Math.min(modelTokens, contextThatFits(info, freeBytes)),
    family: shown.details?.family,
  };
}

function toEngineModel(tag: Tag, traits: OllamaTraits, loaded: boolean): EngineModel {
  const { parameter_size: parameterSize, quantization_level: quantization } = tag.details ?? {};
  return {
    name: tag.name,
    ...(tag.digest ? { digest: tag.digest } : {}),
    ...(tag.size === undefined ? {} : { sizeBytes: tag.size }),
    ...(parameterSize ? { parameterSize } : {}),
    ...(quantization && quantization !== 'unknown' ? { quantization } : {}),
    ...(traits.contextLength === undefined ? {} : { contextLength: traits.contextLength }),
    capabilities: CAPABILITIES.filter(
      (capability: Capability) =>
        traits.capabilities?.includes(capability) && !(capability === 'embedding' && chats(traits)),
    ),
    loaded,
    // Answers of a cloud model cost its owner's account, and the prompt leaves this machine: nothing to lend out.
    ownUseOnly: tag.remote_host !== undefined && tag.remote_host !== '',
  };
}

function parseAs<T>(schema: z.ZodType<T>, input: unknown): T {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  throw notOllama(parsed.error);
}
