/** The first try after a failure; each further one waits twice as long. */
const FIRST_RETRY_MS = 5_000;

/** Between 80 and 100 %: who was started together does not ask together for ever. */
export function withJitter(ms: number, random: () => number): number {
  return ms * (0.8 + 0.2 * random());
}

/** @param failures in a row, at least one */
export function retryDelayMs(failures: number, usualMs: number, random: () => number): number {
  return withJitter(Math.min(usualMs, FIRST_RETRY_MS * 2 ** Math.min(failures - 1, 20)), random);
}
