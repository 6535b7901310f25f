import { totalmem } from 'node:os';
import type { Dispatcher } from 'undici';
import { z } from 'zod';
import { GridError } from '../protocol/errors.ts';
import { createContextMemory } from './context-memory.ts';
import type { Engine, EngineChat, EngineEvent, EngineResident, EngineStatus } from './engine.ts';
import { readOllamaAnswer } from './ollama-chat.ts';
import { createEngineHttp } from './engine-http.ts';
import { embedByOllama } from './ollama-embed.ts';
import { OLLAMA_FAULTS } from './ollama-errors.ts';
import { untilBroken } from './until-broken.ts';
import { createOllamaCatalogue } from './ollama-models.ts';
import { toOllamaChat } from './ollama-translate.ts';
import { cautiousInputTokens, refuseHopeless } from './prompt-size.ts';

export interface OllamaOptions {
  /** from parseOllamaHost */
  readonly baseUrl: string;
  /** for tests and proxies; not closed with the engine */
  readonly dispatcher?: Dispatcher;
  readonly newToolCallId?: () => string;
  /**
   * How long a model stays in memory after an answer, asked with each of them; undefined leaves it to Ollama (5 minutes),
   * 0 unloads at once, a negative number keeps it.
   */
  readonly keepAliveSeconds?: (() => number | undefined) | undefined;
  /** what weights and contexts may fill; default: three quarters of this machine's memory, which macOS lends to its GPU */
  readonly memoryBytes?: number;
  /** how long status() waits for an answer */
  readonly statusTimeoutMs?: number;
}

const STATUS_TIMEOUT_MS = 3_000;
/** Of memory: what macOS lets its GPU use by default (iogpu.wired_limit_mb). */
const LENDABLE_SHARE = 0.75;
/** Room kept for the answer beside the prompt; a longer one ends with 'length' when the context is full. */
const RESERVED_OUTPUT_TOKENS = 4096;
const versionSchema = z.object({ version: z.string() });

/** Ollama by its native API: only there can the context be set and tool calls, thinking and exact counts be had in one stream. */
export function createOllama(options: OllamaOptions): Engine {
  const { baseUrl, statusTimeoutMs = STATUS_TIMEOUT_MS } = options;
  const newToolCallId = options.newToolCallId ?? (() => `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`);
  const http = createEngineHttp({ baseUrl, faults: OLLAMA_FAULTS, dispatcher: options.dispatcher });
  const catalogue = createOllamaCatalogue(http, options.memoryBytes ?? totalmem() * LENDABLE_SHARE);
  const contexts = createContextMemory();
  const running = new Map<string, number>();
  /** by digest where there is one: `/api/ps` can list a runner under another model's name */
  const usedAtMs = new Map<string, number>();

  async function status(signal: AbortSignal): Promise<EngineStatus> {
    const known = { engine: 'ollama', where: baseUrl } as const;
    try {
      const answer = await http.get('/api/version', AbortSignal.any([signal, AbortSignal.timeout(statusTimeoutMs)]));
      const { version } = versionSchema.parse(answer);
      return { ...known, reachable: true, version };
    } catch (error) {
      signal.throwIfAborted();
      return { ...known, reachable: false, problem: problemOf(error, baseUrl) };
    }
  }

  async function* chat(chatInput: EngineChat, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    const { request, maxOutputTokens } = chatInput;
    const { traits, loadedContext, digest = request.model } = await catalogue.lookUp(request.model, signal);
    const modelTokens = traits.contextLength;
    refuseHopeless(request, modelTokens);
    // Most answers are short: a cap that nobody chose must not double the memory of every model.
    const neededTokens = cautiousInputTokens(request) + Math.min(maxOutputTokens, RESERVED_OUTPUT_TOKENS);
    // `using` would be the word here; dependency-cruiser cannot read it yet.
    const use = contexts.use(request.model, {
      neededTokens,
      modelTokens,
      loadedTokens: loadedContext,
    });
    running.set(request.model, (running.get(request.model) ?? 0) + 1);
    usedAtMs.set(digest, Infinity);
    try {
      for (;;) {
        const keepAliveSeconds = options.keepAliveSeconds?.();
        const body = toOllamaChat(
          request,
          { maxOutputTokens, contextTokens: use.contextTokens, keepAliveSeconds },
          traits,
        );
        try {
          const answer = await http.stream('/api/chat', body, signal);
          yield* readOllamaAnswer(untilBroken(answer.body, 'Ollama', signal), chatInput, newToolCallId);
          return;
        } catch (error) {
          signal.throwIfAborted();
          // Nothing was generated yet: the estimate was too low, and a larger context may do.
          if (error instanceof GridError && error.code === 'context_exceeded' && use.grow()) continue;
          throw error;
        }
      }
    } finally {
      use[Symbol.dispose]();
      const left = (running.get(request.model) ?? 1) - 1;
      running.set(request.model, left);
      if (left === 0) usedAtMs.set(digest, Date.now());
    }
  }

  /** Ollama ends what runs on a model before it unloads it, so an answer in the making is not cut; but a new one would wait. */
  async function unload(model: string, signal: AbortSignal): Promise<boolean> {
    if ((running.get(model) ?? 0) > 0) return false;
    await http.post('/api/chat', { model, messages: [], keep_alive: 0, stream: false }, signal);
    return true;
  }

  async function residents(signal: AbortSignal): Promise<readonly EngineResident[]> {
    return (await catalogue.residents(signal)).map(({ digest, ...resident }) => ({
      ...resident,
      usedHereAtMs: usedAtMs.get(digest ?? resident.name),
    }));
  }

  return {
    status,
    residents,
    models: (signal) => catalogue.models(signal),
    chat,
    embed: (asked, signal) => embedByOllama(http, { ...asked, keepAliveSeconds: options.keepAliveSeconds?.() }, signal),
    unload,
    close: () => http.close(),
  };
}

function problemOf(error: unknown, baseUrl: string): string {
  if (error instanceof Error && error.name === 'TimeoutError')
    return `Ollama does not answer at ${baseUrl} (no answer in time).`;
  if (error instanceof GridError && error.details['engineStatus'] === undefined) return error.message;
  return `What answers at ${baseUrl} is not Ollama.`;
}
