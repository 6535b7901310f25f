import type { Engine, EngineModel, EngineStatus } from '../engine/engine.ts';
import { asGridError } from '../protocol/errors.ts';

export interface EngineSight {
  readonly status: EngineStatus;
  readonly models: readonly EngineModel[];
}

/** What the engine was last seen to be. Looks again when asked to and the last look is old; asks nothing by itself. */
export interface EngineWatch {
  last(): EngineSight;
  look(): Promise<EngineSight>;
  /** Looks at once: the engine was changed. */
  lookAgain(): Promise<EngineSight>;
}

const FRESH_MS = 3_000;
const LOOK_TIMEOUT_MS = 5_000;

export function createEngineWatch(deps: { engine: Engine; nowMs: () => number; onChange: () => void }): EngineWatch {
  let sight: EngineSight = {
    status: { engine: 'sample', reachable: false, where: 'inside Lobstah', problem: 'Not looked at yet.' },
    models: [],
  };
  let lookedAtMs = -Infinity;
  let looking: Promise<EngineSight> | undefined;

  async function look(): Promise<EngineSight> {
    const signal = AbortSignal.timeout(LOOK_TIMEOUT_MS);
    const status = await deps.engine.status(signal);
    const models = status.reachable ? await deps.engine.models(signal) : [];
    return { status, models };
  }

  return {
    last: () => sight,
    async lookAgain() {
      await looking;
      lookedAtMs = -Infinity;
      return this.look();
    },
    look() {
      if (Math.abs(deps.nowMs() - lookedAtMs) < FRESH_MS) return Promise.resolve(sight);
      looking ??= look()
        .catch((error: unknown) => ({
          status: { ...sight.status, reachable: false, problem: asGridError(error, 'engine_unreachable').message },
          models: [],
        }))
        .then((next) => {
          const differs = JSON.stringify(next) !== JSON.stringify(sight);
          sight = next;
          lookedAtMs = deps.nowMs();
          looking = undefined;
          if (differs) deps.onChange();
          return next;
        });
      return looking;
    },
  };
}
