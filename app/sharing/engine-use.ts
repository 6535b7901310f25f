/** A model that an engine holds in memory now. */
export interface Resident {
  /** digest where there is one, else the name */
  readonly model: string;
  readonly sizeBytes: number;
  /** when the engine would drop it; moves on with every use */
  readonly expiresAtMs: number;
}

export interface ResidentsSeen {
  readonly atMs: number;
  readonly residents: readonly Resident[];
}

/** Clocks of two programs, and what is rounded on the way. */
const MOVED_MS = 1_000;

/**
 * Did something else than Lobstah use the engine between two looks? It did when a model's expiry moved on, or a model appeared,
 * while nothing of ours ran on it. What an engine keeps for ever has no expiry that could move: nothing is seen then.
 * @param usedByUs whether a request of ours ran on this model at any time since the look before
 */
export function isUsedByOthers(
  before: ResidentsSeen | undefined,
  now: ResidentsSeen,
  usedByUs: (model: string) => boolean,
): boolean {
  if (!before) return false;
  return now.residents.some(({ model, expiresAtMs }) => {
    if (usedByUs(model)) return false;
    const last = before.residents.find((resident) => resident.model === model);
    return last === undefined || expiresAtMs > last.expiresAtMs + MOVED_MS;
  });
}
