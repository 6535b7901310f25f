import { GridError } from '../protocol/errors.ts';
import type { Engine, EngineChat, EngineStatus } from './engine.ts';

/** An engine that may or may not be there. */
export interface Candidate {
  /** The engine, when it can answer now. */
  ready(): Promise<Engine | undefined>;
  close(): Promise<void>;
}

/** Which candidates count right now, best first; `name` changes whenever they do. */
export interface Choice {
  readonly name: string;
  readonly candidates: readonly Candidate[];
  /** what is said when none of them is ready */
  readonly nothing: EngineStatus & { readonly problem: string };
}

/** How long a choice holds: the sample model steps aside within seconds, and nobody is asked more often than that. */
const FRESH_MS = 2_500;

/** Answers with the first candidate that is ready; another choice holds with the next call. */
export function createEngineSwitch(deps: {
  readonly choice: () => Choice;
  readonly nowMs: () => number;
  readonly close: () => Promise<void>;
}): Engine {
  let last: { name: string; engine: Engine | undefined; atMs: number } | undefined;
  let looking: { name: string; found: Promise<Engine | undefined> } | undefined;

  async function look({ candidates }: Choice): Promise<Engine | undefined> {
    for (const candidate of candidates) {
      const engine = await candidate.ready();
      if (engine) return engine;
    }
    return undefined;
  }

  /** Not tied to one caller's signal: others wait for the same look. */
  function pick(): Promise<Engine | undefined> {
    const choice = deps.choice();
    const { name } = choice;
    if (last?.name === name && Math.abs(deps.nowMs() - last.atMs) < FRESH_MS) return Promise.resolve(last.engine);
    if (looking?.name === name) return looking.found;
    const found = look(choice)
      .then((engine) => {
        last = { name, engine, atMs: deps.nowMs() };
        return engine;
      })
      .finally(() => {
        if (looking?.name === name) looking = undefined;
      });
    looking = { name, found };
    return found;
  }

  return {
    async status(signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return engine ? engine.status(signal) : deps.choice().nothing;
    },
    async models(signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return engine ? engine.models(signal) : [];
    },
    async *chat(chat: EngineChat, signal: AbortSignal) {
      const engine = await pick();
      signal.throwIfAborted();
      if (!engine) throw new GridError('engine_model_not_found', deps.choice().nothing.problem);
      try {
        yield* engine.chat(chat, signal);
      } catch (error) {
        // It may be gone: the next one looks before it asks.
        if (!signal.aborted) last = undefined;
        throw error;
      }
    },
    async embed(asked, signal) {
      const engine = await pick();
      signal.throwIfAborted();
      if (!engine?.embed) throw new GridError('engine_refused', 'This engine makes no embeddings.');
      try {
        return await engine.embed(asked, signal);
      } catch (error) {
        if (!signal.aborted) last = undefined;
        throw error;
      }
    },
    async unload(model, signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return (await engine?.unload?.(model, signal)) ?? false;
    },
    async residents(signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return (await engine?.residents?.(signal)) ?? [];
    },
    close: deps.close,
  };
}
