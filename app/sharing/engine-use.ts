import type { EngineResident } from '../engine/engine.ts';

export interface ResidentsSeen {
  readonly atMs: number;
  readonly residents: readonly EngineResident[];
}

/** Clocks of two programs, and what is rounded on the way. */
const MOVED_MS = 1_000;

/**
 * Did something else than Lobstah use the engine between two looks? It did when a model's expiry moved on, or a model appeared,
 * while nothing of ours ran on it. What an engine keeps for ever has no expiry that could move: nothing is seen then.
 */
export function isUsedByOthers(before: ResidentsSeen | undefined, now: ResidentsSeen): boolean {
  if (!before) return false;
  return now.residents.some(({ name, expiresAtMs, usedHereAtMs }) => {
    if (usedHereAtMs !== undefined && usedHereAtMs >= before.atMs - MOVED_MS) return false;
    const last = before.residents.find((resident) => resident.name === name);
    return last === undefined || expiresAtMs > last.expiresAtMs + MOVED_MS;
  });
}
