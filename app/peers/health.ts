/** v1: two failures in a row put a peer out for 30 s. */
export const FAILURES_UNTIL_REST = 2;
export const REST_MS = 30_000;
/** Weight of the newest sample in the moving averages. */
const EWMA_WEIGHT = 0.3;

export interface Health {
  readonly failures: number;
  readonly restUntilMs: number;
  readonly latencyMs: number | undefined;
  readonly lastSeenMs: number | undefined;
  /** one sentence about the last failure */
  readonly problem: string | undefined;
}

export const UNKNOWN_HEALTH: Health = {
  failures: 0,
  restUntilMs: 0,
  latencyMs: undefined,
  lastSeenMs: undefined,
  problem: undefined,
};

export function afterSuccess(health: Health, latencyMs: number | undefined, nowMs: number): Health {
  const latency =
    latencyMs === undefined
      ? health.latencyMs
      : health.latencyMs === undefined
        ? latencyMs
        : health.latencyMs + EWMA_WEIGHT * (latencyMs - health.latencyMs);
  return { failures: 0, restUntilMs: 0, latencyMs: latency, lastSeenMs: nowMs, problem: undefined };
}

export function afterFailure(health: Health, problem: string, nowMs: number): Health {
  const failures = health.failures + 1;
  return {
    ...health,
    failures,
    problem,
    restUntilMs: failures >= FAILURES_UNTIL_REST ? nowMs + REST_MS : health.restUntilMs,
  };
}

export function isResting(health: Health, nowMs: number): boolean {
  // Longer than a rest can last: the clock was set back.
  return nowMs < health.restUntilMs && health.restUntilMs - nowMs <= REST_MS;
}
