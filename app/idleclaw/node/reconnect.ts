/** How a connection to a hub ended, or why there was none. */
export interface ConnectionEnd {
  readonly kind:
    /** nothing answers there, or it broke off before this node was registered */
    | 'unreachable'
    /** it was registered, and the hub or the way to it went away */
    | 'lost'
    /** the hub says what has to change first (close 1008, or a status that is no upgrade) */
    | 'refused'
    /** HTTP 429 at the upgrade */
    | 'rate-limited'
    /** this side closed it */
    | 'closed';
  /** in words, for the owner */
  readonly reason: string;
  readonly retryAfterMs?: number | undefined;
  /** how long this node had been registered */
  readonly lastedMs: number;
}

/** A hub that was away for a moment has its nodes back well within 15 s. */
const FIRST_MS = 1_000;
const MOST_MS = 10_000;
/** After so many failures in a row (about ten minutes) nobody is in a hurry. */
const PATIENT_AFTER = 60;
const PATIENT_MS = 60_000;
/** Below the five sockets a minute that a hub allows an address. */
const RATE_LIMITED_MS = 30_000;
const REFUSED_MS = 60_000;
const MOST_REFUSED_MS = 600_000;

/** A connection that held for so long was a good one: what went wrong before it is forgotten. */
export const GOOD_AFTER_MS = 60_000;

/**
 * How long to wait before the next try. Half of it is chance: the nodes of a hub that restarts must not all come at once. Pure.
 * @param failures in a row, this one included
 * @param random 0 ≤ x < 1
 */
export function reconnectDelayMs(end: ConnectionEnd, failures: number, random: number): number {
  const jittered = (ms: number) => Math.round(ms / 2 + (ms / 2) * random);
  switch (end.kind) {
    case 'rate-limited':
      return (end.retryAfterMs ?? RATE_LIMITED_MS) + Math.round(10_000 * random);
    case 'refused':
      return jittered(Math.min(REFUSED_MS * 2 ** Math.min(failures - 1, 4), MOST_REFUSED_MS));
    default:
      if (failures > PATIENT_AFTER) return jittered(PATIENT_MS);
      return jittered(Math.min(FIRST_MS * 2 ** Math.min(failures - 1, 10), MOST_MS));
  }
}
