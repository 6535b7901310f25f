import type { EngineEvent } from '../engine/engine.ts';
import { GridError } from '../protocol/errors.ts';

/** How long an engine may be silent. Generous: cutting off an engine that works is worse than waiting for one that hangs. */
export interface EngineLimits {
  /** until the first token: loading a large model from a slow disk */
  readonly firstMs: number;
  /** what is added for reading the prompt: the slowest machines still read so many tokens a second */
  readonly inputTokensPerSecond: number;
  /** until the first token of a request that waits inside the engine while others are answered */
  readonly firstBehindOthersMs: number;
  /** between tokens */
  readonly stallMs: number;
  /** between tokens where tools are offered: engines hold a tool call back until it is whole */
  readonly stallWithToolsMs: number;
}

export const ENGINE_LIMITS: EngineLimits = {
  firstMs: 120_000,
  inputTokensPerSecond: 50,
  firstBehindOthersMs: 1_800_000,
  stallMs: 60_000,
  stallWithToolsMs: 300_000,
};

/** What of a request decides how long its engine may take. */
export interface EngineWait {
  readonly inputTokens: number;
  readonly tools: boolean;
  /** ms since 1970; no token is worth anything after it */
  readonly deadlineMs: number | undefined;
}

/** When an engine last said anything, to whichever request, by `performance.now()`: the time a Mac sleeps does not count. */
export interface EngineLife {
  lastEventMs: number;
}

interface LimitDeps {
  readonly limits: EngineLimits;
  readonly life: EngineLife;
  /** ms since 1970, for the deadline */
  readonly nowMs: () => number;
}

/**
 * The events of an engine, or engine_stalled when it hangs; then its call is aborted, and no longer waited for when it does not
 * obey. Only waiting counts: a reader that is slow to take an event is not the engine's silence.
 */
export async function* withinLimits(
  chat: (signal: AbortSignal) => AsyncIterable<EngineEvent>,
  wait: EngineWait,
  signal: AbortSignal,
  deps: LimitDeps,
): AsyncGenerator<EngineEvent> {
  const hung = new AbortController();
  const events = chat(AbortSignal.any([signal, hung.signal]))[Symbol.asyncIterator]();
  let begun = false;
  try {
    for (;;) {
      const next = await within(events.next(), patience(wait, begun, deps));
      if (next === 'too late') {
        const error = stalled(begun);
        hung.abort(error);
        throw error;
      }
      if (next.done) return;
      begun = true;
      deps.life.lastEventMs = performance.now();
      yield next.value;
    }
  } finally {
    const returned = events.return?.();
    // An engine that does not even end when it is told to is not waited for a second time.
    if (hung.signal.aborted) returned?.catch(() => undefined);
    else await returned;
  }
}

/** @returns tells how many ms are left of the wait that begins now; asked again when they are over */
function patience(wait: EngineWait, begun: boolean, { limits, life, nowMs }: LimitDeps): () => number {
  const sinceMs = performance.now();
  const firstMs = limits.firstMs + (wait.inputTokens / limits.inputTokensPerSecond) * 1_000;
  return () => {
    const waitedMs = performance.now() - sinceMs;
    const untilDeadlineMs = wait.deadlineMs === undefined ? Infinity : wait.deadlineMs - nowMs();
    if (begun) return Math.min((wait.tools ? limits.stallWithToolsMs : limits.stallMs) - waitedMs, untilDeadlineMs);
    // Who hears nothing while others are answered waits for a turn inside the engine: the owner's own requests do so.
    const silentMs = performance.now() - Math.max(sinceMs, life.lastEventMs);
    return Math.min(firstMs - silentMs, Math.max(firstMs, limits.firstBehindOthersMs) - waitedMs, untilDeadlineMs);
  };
}

function within<Value>(promise: Promise<Value>, leftMs: () => number): Promise<Value | 'too late'> {
  return new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const check = () => {
      const ms = leftMs();
      if (ms <= 0) resolve('too late');
      else timer = setTimeout(check, ms);
    };
    check();
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}

function stalled(begun: boolean): GridError {
  return new GridError(
    'engine_stalled',
    begun ? 'The engine went silent in the middle of its answer.' : 'The engine did not begin to answer in time.',
  );
}
