import type { Dispatcher } from 'undici';
import { estimateInputTokens } from '../protocol/chat.ts';
import { parseEmbeddingAnswer, type Embeddings } from '../protocol/embeddings.ts';
import { GridError } from '../protocol/errors.ts';
import { createEngineHttp } from './engine-http.ts';
import type { Engine, EngineChat, EngineEmbedding, EngineEvent, EngineStatus } from './engine.ts';
import { readOpenAiAnswer } from './openai-chat.ts';
import { OPENAI_FAULTS } from './openai-errors.ts';
import { createOpenAiCatalogue } from './openai-models.ts';
import { toOpenAiChat } from './openai-translate.ts';
import type { OpenAiAddress } from './openai-url.ts';
import { cautiousInputTokens, refuseHopeless } from './prompt-size.ts';
import { untilBroken } from './until-broken.ts';

export interface OpenAiCompatibleOptions {
  /** from parseOpenAiUrl */
  readonly address: OpenAiAddress;
  /** asked anew for each request; undefined sends none */
  readonly key?: () => string | undefined;
  /** for tests and proxies; not closed with the engine */
  readonly dispatcher?: Dispatcher;
  readonly newToolCallId?: () => string;
  readonly statusTimeoutMs?: number;
  readonly nowMs?: () => number;
}

const STATUS_TIMEOUT_MS = 3_000;

/** LM Studio, llama.cpp's server, vLLM, exo, MLX: whatever answers OpenAI's API. */
export function createOpenAiCompatible(options: OpenAiCompatibleOptions): Engine {
  const { address, dispatcher, statusTimeoutMs = STATUS_TIMEOUT_MS } = options;
  const newToolCallId = options.newToolCallId ?? (() => `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`);
  const headers = (): Record<string, string> => {
    const key = options.key?.();
    return key === undefined ? {} : { authorization: `Bearer ${key}` };
  };
  const open = (baseUrl: string) => createEngineHttp({ baseUrl, faults: OPENAI_FAULTS, dispatcher, headers });
  const api = open(address.api);
  const root = open(address.root);
  const catalogue = createOpenAiCatalogue({
    api,
    root,
    isNear: address.isNear,
    nowMs: options.nowMs ?? Date.now,
  });

  async function status(signal: AbortSignal): Promise<EngineStatus> {
    const known = { engine: 'openai-compatible', where: address.api } as const;
    try {
      await catalogue.models(AbortSignal.any([signal, AbortSignal.timeout(statusTimeoutMs)]));
      return { ...known, reachable: true };
    } catch (error) {
      signal.throwIfAborted();
      return { ...known, reachable: false, problem: problemOf(error, address.api) };
    }
  }

  async function* chat(asked: EngineChat, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { request } = asked;
    signal.throwIfAborted();
    const model = await catalogue.lookUp(request.model, signal);
    refuseHopeless(request, model.contextLength);
    const caps = capsToTry(asked, model.contextLength);
    for (const maxOutputTokens of caps) {
      const body = toOpenAiChat(request, model.engineId, maxOutputTokens);
      try {
        const answer = await api.stream('/chat/completions', body, signal);
        if (!answer.contentType.startsWith('text/event-stream')) {
          // undici reports the hang-up as an error of the body, which nobody reads.
          answer.body.on('error', () => undefined).destroy();
          throw new GridError('engine_error', 'The engine does not stream its answers.');
        }
        yield* readOpenAiAnswer(untilBroken(answer.body, 'the engine', signal), asked, newToolCallId);
        return;
      } catch (error) {
        signal.throwIfAborted();
        const mayFit = error instanceof GridError && error.code === 'context_exceeded';
        if (!mayFit || maxOutputTokens === caps.at(-1)) throw error;
      }
    }
  }

  async function embed({ model, inputs, dimensions }: EngineEmbedding, signal: AbortSignal): Promise<Embeddings> {
    signal.throwIfAborted();
    const { engineId } = await catalogue.lookUp(model, signal);
    const answer = await api.post(
      '/embeddings',
      { model: engineId, input: inputs, encoding_format: 'float', ...(dimensions === undefined ? {} : { dimensions }) },
      signal,
    );
    const read = parseEmbeddingAnswer(answer, inputs.length);
    if (!read) throw new GridError('engine_error', 'The engine answered something that is not a list of embeddings.');
    return read;
  }

  return {
    status,
    models: async (signal) => (await catalogue.models(signal)).map(({ engineId: _, ...model }) => model),
    chat,
    embed,
    close: async () => void (await Promise.all([api.close(), root.close()])),
  };
}

/**
 * vLLM refuses a prompt whose answer might not fit, so the cap is what the context leaves; first by a plain estimate of the
 * prompt, then by a cautious one. Nothing was generated when the first is refused.
 */
function capsToTry({ request, maxOutputTokens }: EngineChat, contextTokens: number | undefined): number[] {
  if (contextTokens === undefined) return [maxOutputTokens];
  const caps = [estimateInputTokens(request), cautiousInputTokens(request)].map((inputTokens) =>
    Math.max(1, Math.min(maxOutputTokens, contextTokens - inputTokens)),
  );
  return [...new Set(caps)];
}

function problemOf(error: unknown, where: string): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `Nothing answers at ${where} (no answer in time).`;
  if (!(error instanceof GridError)) return `What answers at ${where} does not speak OpenAI's API.`;
  const { engineStatus } = error.details;
  if (engineStatus === undefined || error.code === 'engine_key_refused' || error.code === 'engine_busy')
    return error.message;
  return `What answers at ${where} does not speak OpenAI's API (status ${Number(engineStatus)} for its models).`;
}
