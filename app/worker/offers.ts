import type { Engine, EngineModel } from '../engine/engine.ts';
import { GridError } from '../protocol/errors.ts';
import type { WorkerPolicy } from './worker-deps.ts';

/** Listing models asks the engine; a burst of requests asks it once. */
const MODELS_FRESH_MS = 250;

/** 'llama3.2' means 'llama3.2:latest', as it does for Ollama. */
export function sameModel(asked: string, have: string): boolean {
  return asked === have || `${asked}:latest` === have;
}

export interface Offers {
  /** what the owner may use */
  all(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /** what others may use */
  shared(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /** @throws GridError model_not_shared, or whatever the engine said when asked for its models */
  find(model: string, owner: boolean, signal: AbortSignal): Promise<EngineModel>;
}

export function createOffers(deps: { engine: Engine; policy: () => WorkerPolicy; nowMs: () => number }): Offers {
  let cached: { models: Promise<readonly EngineModel[]>; atMs: number } | undefined;

  function all(signal: AbortSignal): Promise<readonly EngineModel[]> {
    const now = deps.nowMs();
    if (!cached || Math.abs(now - cached.atMs) > MODELS_FRESH_MS) {
      // Shared by whoever asks meanwhile, so not bound to one caller's signal.
      const models = deps.engine.models(AbortSignal.timeout(5_000));
      cached = { models, atMs: now };
      models.catch(() => (cached = undefined));
    }
    signal.throwIfAborted();
    return cached.models;
  }

  async function shared(signal: AbortSignal): Promise<readonly EngineModel[]> {
    const policy = deps.policy();
    return (await all(signal)).filter((model) => !model.ownUseOnly && policy.isShared(model));
  }

  return {
    all,
    shared,
    async find(asked, owner, signal) {
      const models = await (owner ? all(signal) : shared(signal));
      const found = models.find(({ name }) => name === asked) ?? models.find(({ name }) => sameModel(asked, name));
      if (found) return found;
      throw new GridError('model_not_shared', `This worker does not share '${asked.slice(0, 80)}'.`);
    },
  };
}
