import { basename } from 'node:path';
import { z } from 'zod';
import type { Capability } from '../protocol/capacity.ts';
import { GridError } from '../protocol/errors.ts';
import type { EngineHttp } from './engine-http.ts';
import type { EngineModel } from './engine.ts';
import { OPENAI_FAULTS } from './openai-errors.ts';

const countSchema = z.int().min(1).optional().catch(undefined);
const listSchema = z.object({
  data: z.array(
    z.object({
      id: z.string().min(1),
      /** vLLM, exo */
      max_model_len: countSchema,
      context_length: countSchema,
      /** llama.cpp */
      meta: z.object({ n_ctx_train: countSchema, size: countSchema }).nullish().catch(undefined),
    }),
  ),
});
/** LM Studio, `GET /api/v0/models`. */
const studioSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      type: z.string().optional(),
      state: z.string().optional(),
      quantization: z.string().optional().catch(undefined),
      max_context_length: countSchema,
      loaded_context_length: countSchema,
      capabilities: z.array(z.string()).optional().catch(undefined),
    }),
  ),
});
/** llama.cpp, `GET /props`. */
const propsSchema = z.object({
  default_generation_settings: z.object({ n_ctx: countSchema }),
  modalities: z.object({ vision: z.boolean().optional() }).optional().catch(undefined),
  chat_template: z.string().optional().catch(undefined),
});

type Listed = z.infer<typeof listSchema>['data'][number];
type Studio = z.infer<typeof studioSchema>['data'][number];
type Props = z.infer<typeof propsSchema>;

export interface OpenAiModel extends EngineModel {
  /** what the server calls it */
  readonly engineId: string;
}

export interface OpenAiCatalogue {
  models(signal: AbortSignal): Promise<OpenAiModel[]>;
  /** @throws GridError engine_model_not_found */
  lookUp(name: string, signal: AbortSignal): Promise<OpenAiModel>;
}

/** How long a lookup for a chat may use the last list: servers list rarely anything new, and each chat would wait for it. */
const FRESH_MS = 10_000;

/**
 * The models of a server. `GET /v1/models` hardly says more than names; LM Studio and llama.cpp tell more at addresses of their
 * own, which are asked beside it as long as they answer.
 */
export function createOpenAiCatalogue(options: {
  readonly api: EngineHttp;
  readonly root: EngineHttp;
  readonly isNear: boolean;
  readonly nowMs: () => number;
}): OpenAiCatalogue {
  const { api, root, isNear, nowMs } = options;
  const absent = new Set<string>();
  let last: { models: OpenAiModel[]; atMs: number } | undefined;

  /** undefined where this server has no such page; not asked again until the server was away. */
  async function extra<T>(path: string, schema: z.ZodType<T>, signal: AbortSignal): Promise<T | undefined> {
    // A far service gets the key for its API and is asked nothing else.
    if (!isNear || absent.has(path)) return undefined;
    try {
      return schema.parse(await root.get(path, signal));
    } catch (error) {
      signal.throwIfAborted();
      // Another shape is as good as no page; a server that is busy loading may have it later.
      const status = error instanceof GridError ? Number(error.details['engineStatus']) : 404;
      if (status === 404 || status === 405) absent.add(path);
      return undefined;
    }
  }

  async function list(signal: AbortSignal): Promise<OpenAiModel[]> {
    const [listed, studio, props] = await Promise.all([
      api.get('/models', signal).catch((error: unknown) => {
        absent.clear();
        throw error;
      }),
      extra('/api/v0/models', studioSchema, signal),
      extra('/props', propsSchema, signal),
    ]);
    const parsed = listSchema.safeParse(listed);
    if (!parsed.success) throw OPENAI_FAULTS.shape(parsed.error);
    const models = parsed.data.data.map((entry) => {
      const known = studio?.data.find(({ id }) => id === entry.id);
      return toModel(entry, known, props, !isNear);
    });
    last = { models, atMs: nowMs() };
    return models;
  }

  return {
    models: list,
    async lookUp(name, signal) {
      const find = (models: readonly OpenAiModel[] = []) =>
        models.find((model) => model.name === name || model.engineId === name);
      const known = last && Math.abs(nowMs() - last.atMs) < FRESH_MS ? find(last.models) : undefined;
      const model = known ?? find(await list(signal));
      if (model) return model;
      throw new GridError('engine_model_not_found', `The engine does not have '${name}'.`);
    },
  };
}

function toModel(
  entry: Listed,
  studio: Studio | undefined,
  props: Props | undefined,
  ownUseOnly: boolean,
): OpenAiModel {
  const contextLength =
    props?.default_generation_settings.n_ctx ??
    studio?.loaded_context_length ??
    studio?.max_context_length ??
    entry.max_model_len ??
    entry.context_length ??
    entry.meta?.n_ctx_train;
  return {
    engineId: entry.id,
    name: nameOf(entry.id),
    ...(entry.meta?.size === undefined ? {} : { sizeBytes: entry.meta.size }),
    ...(studio?.quantization === undefined ? {} : { quantization: studio.quantization }),
    ...(contextLength === undefined ? {} : { contextLength }),
    capabilities: capabilitiesOf(entry.id, studio, props),
    // Only LM Studio lists what is not in memory.
    loaded: studio?.state !== 'not-loaded',
    // Answers of a far service cost its owner's account, and the prompt leaves this network: nothing to lend out.
    ownUseOnly,
  };
}

/** Only LM Studio says what a model is for; of others the name is believed, as offered for a chat it would only fail. */
function makesEmbeddings(id: string, studio: Studio | undefined): boolean {
  return studio?.type === undefined ? /embed/i.test(id) : studio.type === 'embeddings';
}

/**
 * What the server says. Where it says nothing of tools (vLLM, exo, MLX), they are taken for granted: all of these take them, agents
 * send them with every request, and a model without them refuses at once. Images are not: most models read none.
 */
function capabilitiesOf(id: string, studio: Studio | undefined, props: Props | undefined): Capability[] {
  if (makesEmbeddings(id, studio)) return ['embedding'];
  const told = studio?.capabilities?.includes('tool_use') ?? props?.chat_template?.includes('tools');
  const tools = told ?? true;
  const vision = studio?.type === 'vlm' || props?.modalities?.vision === true;
  return [...(tools ? (['tools'] as const) : []), ...(vision ? (['vision'] as const) : [])];
}

/** llama.cpp and vLLM may call a model by its file or folder; names travel to strangers, folders of this machine do not. */
function nameOf(id: string): string {
  const isPath = /^(\/|~|\.{1,2}\/|[A-Za-z]:[\\/])/.test(id);
  return isPath ? basename(id.replaceAll('\\', '/')).replace(/\.gguf$/i, '') : id;
}
