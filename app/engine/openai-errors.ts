import { z } from 'zod';
import { GridError, type GridErrorCode } from '../protocol/errors.ts';
import type { EngineFaults } from './engine-http.ts';
import { isAboutContext, reasonOf, tidy } from './engine-sentences.ts';

const detailSchema = z.object({
  message: z.string().optional().catch(undefined),
  type: z.string().optional().catch(undefined),
  code: z.union([z.string(), z.number()]).optional().catch(undefined),
});
/** OpenAI's `{error: {…}}`, LM Studio's and Ollama's `{error: "…"}`, vLLM's bare `{message}`, FastAPI's `{detail: "…"}`. */
const bodySchema = z.looseObject({
  error: z.union([detailSchema, z.string()]).optional(),
  detail: z.unknown().optional(),
});

interface Complaint {
  readonly sentence: string;
  readonly kind: string;
}

export const OPENAI_FAULTS: EngineFaults = {
  answer(status, body) {
    const complaint = readComplaint(body);
    const code = codeOf(status, complaint);
    // Servers repeat the key they refuse; nothing of it leaves this machine.
    const said = code === 'engine_key_refused' ? '' : complaint.sentence;
    const message =
      code === 'engine_key_refused'
        ? `The engine refuses the key (status ${status}).`
        : said || `The engine answered with status ${status}.`;
    return new GridError(code, message, { details: { engineStatus: status } });
  },
  connection(error, baseUrl) {
    if (error instanceof GridError) return error;
    return new GridError('engine_unreachable', `Nothing answers at ${baseUrl} (${reasonOf(error)}).`, { cause: error });
  },
  shape: (cause) =>
    new GridError('engine_unreachable', "Something answers at the engine's address, but not as OpenAI's API does.", {
      cause,
    }),
};

/** An `{error: …}` in the middle of a stream. */
export function openAiStreamError(error: unknown): GridError {
  const complaint = readComplaint(JSON.stringify({ error }));
  const isLong = isAboutContext(`${complaint.sentence} ${complaint.kind}`);
  return new GridError(isLong ? 'context_exceeded' : 'engine_error', complaint.sentence || undefined);
}

function codeOf(status: number, { sentence, kind }: Complaint): GridErrorCode {
  if (status === 401 || status === 403) return 'engine_key_refused';
  if (isAboutContext(`${sentence} ${kind}`)) return 'context_exceeded';
  if (status === 404) return /model/i.test(`${sentence} ${kind}`) ? 'engine_model_not_found' : 'engine_unreachable';
  if (status === 429 || status === 503) return 'engine_busy';
  return status >= 400 && status < 500 ? 'engine_refused' : 'engine_error';
}

function readComplaint(body: string): Complaint {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    // A page in HTML is no sentence.
    return { sentence: body.trimStart().startsWith('<') ? '' : tidy(body), kind: '' };
  }
  const parsed = bodySchema.safeParse(json);
  if (!parsed.success) return { sentence: '', kind: '' };
  const { error, detail } = parsed.data;
  if (typeof error === 'string') return { sentence: tidy(error), kind: '' };
  const bare = error ?? detailSchema.safeParse(json).data ?? {};
  const sentence = bare.message ?? (typeof detail === 'string' ? detail : '');
  return { sentence: tidy(sentence), kind: `${bare.type ?? ''} ${bare.code ?? ''}`.trim() };
}
