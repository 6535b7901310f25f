import { z } from 'zod';
import { badRequest, unsupported } from './bad-request.ts';

/** OpenAI's own limit. */
const MAX_INPUTS = 2048;

const textSchema = z.string().min(1);
const embeddingRequestSchema = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union([textSchema, z.array(textSchema).min(1).max(MAX_INPUTS)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
  dimensions: z.int().min(1).max(65_536).nullish(),
});

const KNOWN: ReadonlySet<string> = new Set([...Object.keys(embeddingRequestSchema.shape), 'user']);

/** OpenAI's request for embeddings, as far as peers can honour it. */
export interface EmbeddingRequest {
  readonly model: string;
  readonly inputs: readonly string[];
  readonly encoding: 'float' | 'base64';
  readonly dimensions: number | undefined;
}

/** @throws GridError bad_request naming the first field that is wrong, unsupported_parameter for what cannot be honoured */
export function parseEmbeddingRequest(input: unknown): EmbeddingRequest {
  refuseTokens(input);
  const parsed = embeddingRequestSchema.safeParse(input);
  if (!parsed.success) throw badRequest(parsed.error);
  const { model, input: texts, encoding_format: encoding, dimensions } = parsed.data;
  // 'user' is OpenAI's, for finding abuse; it changes nothing and is not passed on.
  const unknown = Object.keys(parsed.data).find((name) => !KNOWN.has(name) && parsed.data[name] != null);
  if (unknown !== undefined) throw unsupported(unknown, `'${unknown.slice(0, 60)}' is no parameter of embeddings.`);
  return {
    model,
    inputs: typeof texts === 'string' ? [texts] : texts,
    encoding: encoding ?? 'float',
    dimensions: dimensions ?? undefined,
  };
}

/** Numbers of another model's tokenizer mean nothing to a peer's. */
function refuseTokens(input: unknown): void {
  const value = typeof input === 'object' && input !== null && 'input' in input ? input.input : undefined;
  const [first] = Array.isArray(value) ? (value as unknown[]) : [];
  if (typeof first === 'number' || Array.isArray(first))
    throw unsupported(
      'input',
      "'input' must be text: peers have tokenizers of their own, token numbers mean nothing there.",
    );
}

/** Four characters a token, as for prompts. */
export function estimateEmbeddingTokens({ inputs }: EmbeddingRequest): number {
  return inputs.reduce((sum, text) => sum + Math.ceil(text.length / 4) + 2, 0);
}

/** OpenAI's answer. Base64 is of 32-bit floats, the lowest byte first. */
export function embeddingAnswer(
  vectors: readonly (readonly number[])[],
  { model, encoding }: { model: string; encoding: EmbeddingRequest['encoding'] },
  inputTokens: number,
): object {
  return {
    object: 'list',
    data: vectors.map((vector, index) => ({
      object: 'embedding',
      index,
      embedding: encoding === 'base64' ? toBase64(vector) : vector,
    })),
    model,
    usage: { prompt_tokens: inputTokens, total_tokens: inputTokens },
  };
}

function toBase64(vector: readonly number[]): string {
  const bytes = Buffer.alloc(vector.length * 4);
  vector.forEach((value, index) => bytes.writeFloatLE(value, index * 4));
  return bytes.toString('base64');
}

const answerSchema = z.object({
  data: z.array(z.object({ index: z.int().min(0), embedding: z.array(z.number()).min(1) })),
  usage: z.object({ prompt_tokens: z.int().min(0) }).optional(),
});

export interface Embeddings {
  readonly vectors: readonly (readonly number[])[];
  /** undefined where nobody counted */
  readonly inputTokens: number | undefined;
}

/** @returns undefined for what is not one vector of the same length for each input */
export function parseEmbeddingAnswer(input: unknown, count: number): Embeddings | undefined {
  const parsed = answerSchema.safeParse(input);
  if (!parsed.success || parsed.data.data.length !== count) return undefined;
  const { data, usage } = parsed.data;
  const vectors: number[][] = [];
  for (const { index, embedding } of data) vectors[index] = embedding;
  return areVectors(vectors, count) ? { vectors, inputTokens: usage?.prompt_tokens } : undefined;
}

/** One for each input, all of one length. */
export function areVectors(vectors: readonly (readonly number[] | undefined)[], count: number): boolean {
  const length = vectors[0]?.length ?? 0;
  return length > 0 && vectors.length === count && Array.from(vectors).every((vector) => vector?.length === length);
}
