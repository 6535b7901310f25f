import type { Engine, EngineModel, EngineResident } from '../../engine/engine.ts';
import { isUsedByOthers, type ResidentsSeen } from '../../sharing/engine-use.ts';

const EVERY_MS = { serving: 1_000, waiting: 5_000 } as const;
const LOOK_TIMEOUT_MS = 2_000;
const UNLOAD_TIMEOUT_MS = 10_000;

/** Who else uses the engine, and whose models are in memory. */
export interface EngineNeighbours {
  setPace(pace: 'serving' | 'waiting' | 'off'): void;
  lastForeignUseMs(): number | undefined;
  /** models that are in memory for the owner, or for another program: nothing of ours pushes them out */
  ownerBytes(): number;
  /** what is in memory for others only */
  guestBytes(): number;
  /** a request begins on this model */
  uses(model: string, forOwner: boolean): void;
  /** Gives back what was loaded for others only. */
  unloadGuests(): Promise<void>;
}

export function createEngineNeighbours(deps: {
  readonly engine: Engine;
  readonly nowMs: () => number;
  readonly onForeignUse: () => void;
  readonly onProblem: (error: unknown) => void;
}): EngineNeighbours {
  const { engine, nowMs } = deps;
  /** the last look, as far as the next may be compared with it */
  let before: ResidentsSeen | undefined;
  let residents: readonly EngineResident[] = [];
  let lastForeignUseMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let pace: 'serving' | 'waiting' | 'off' = 'off';
  let looking = false;
  const guests = new Set<string>();
  const owners = new Set<string>();

  async function look(): Promise<void> {
    if (looking || !engine.residents) return;
    looking = true;
    try {
      residents = await engine.residents(AbortSignal.timeout(LOOK_TIMEOUT_MS));
      const now = { atMs: nowMs(), residents };
      const foreign = isUsedByOthers(before, now);
      before = now;
      if (foreign && pace !== 'off') {
        lastForeignUseMs = now.atMs;
        deps.onForeignUse();
      }
    } catch {
      // It does not answer: nobody can use it, and serving will say so. What comes next is compared with nothing.
      before = undefined;
    } finally {
      looking = false;
    }
  }

  const isOwners = ({ name, usedHereAtMs }: EngineResident): boolean =>
    usedHereAtMs === undefined || owners.has(withTag(name));

  return {
    setPace(next) {
      if (next === pace || !engine.residents) return;
      pace = next;
      clearInterval(timer);
      // After a break the last look is too old to say who used what since.
      before = next === 'off' ? undefined : before;
      if (next === 'off') return;
      timer = setInterval(() => void look(), EVERY_MS[next]).unref();
      void look();
    },
    lastForeignUseMs: () => lastForeignUseMs,
    ownerBytes: () => bytesOf(residents.filter(isOwners)),
    guestBytes: () =>
      bytesOf(residents.filter((resident) => !isOwners(resident) && guests.has(withTag(resident.name)))),
    uses(model, forOwner) {
      (forOwner ? owners : guests).add(withTag(model));
    },
    async unloadGuests() {
      if (!engine.unload) return;
      for (const model of guests) {
        if (owners.has(model)) continue;
        try {
          await engine.unload(model, AbortSignal.timeout(UNLOAD_TIMEOUT_MS));
        } catch (error) {
          deps.onProblem(error);
        }
      }
      guests.clear();
    },
  };
}

const bytesOf = (list: readonly EngineResident[]): number => list.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);

/** 'llama3.2' is 'llama3.2:latest', also in `/api/ps`. */
function withTag(name: EngineModel['name']): string {
  return name.includes(':') ? name : `${name}:latest`;
}
