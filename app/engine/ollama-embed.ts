import { z } from 'zod';
import { areVectors, type Embeddings } from '../protocol/embeddings.ts';
import { GridError } from '../protocol/errors.ts';
import type { EngineEmbedding } from './engine.ts';
import type { EngineHttp } from './engine-http.ts';

const answerSchema = z.object({
  embeddings: z.array(z.array(z.number())),
  prompt_eval_count: z.int().min(0).optional().catch(undefined),
});

/** `POST /api/embed` (ollama/ollama docs/api.md). A text that does not fit is an error, never cut silently. */
export async function embedByOllama(
  http: EngineHttp,
  { model, inputs, dimensions, keepAliveSeconds }: EngineEmbedding & { keepAliveSeconds: number | undefined },
  signal: AbortSignal,
): Promise<Embeddings> {
  const answer = await http.post(
    '/api/embed',
    {
      model,
      input: inputs,
      truncate: false,
      ...(dimensions === undefined ? {} : { dimensions }),
      ...(keepAliveSeconds === undefined ? {} : { keep_alive: keepAliveSeconds }),
    },
    signal,
  );
  const parsed = answerSchema.safeParse(answer);
  if (!parsed.success || !areVectors(parsed.data.embeddings, inputs.length))
    throw new GridError('engine_error', 'Ollama answered something that is not a list of embeddings.');
  return { vectors: parsed.data.embeddings, inputTokens: parsed.data.prompt_eval_count };
}
