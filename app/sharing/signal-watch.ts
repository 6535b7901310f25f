import type { SignalSource } from './signals/source.ts';
import type { Signals } from './signals.ts';

/** How often is looked: a person who comes back must be noticed while somebody is served, and waits for nothing otherwise. */
export type Pace = 'serving' | 'waiting' | 'slow' | 'off';

const CHEAP_MS = { serving: 250, waiting: 5_000, slow: 60_000 } as const;
const DEAR_MS = { serving: 5_000, waiting: 5_000, slow: 60_000 } as const;
const READ_TIMEOUT_MS = 3_000;

export interface SignalWatch {
  /** undefined before the first look, and while nobody looks */
  current(): Signals | undefined;
  /** 'off' ends every timer and forgets what was seen. */
  setPace(pace: Pace): void;
  /** Reads every source once, now. Never fails. @returns what they see; nothing is kept of it while the pace is 'off' */
  look(): Promise<Signals>;
  readonly reads: number;
  close(): void;
}

interface Seen {
  signals: Signals;
}

/** Reads sources; where two see the same, the one that comes first is believed. */
export function createSignalWatch(deps: {
  readonly sources: readonly SignalSource[];
  readonly onChange: () => void;
  readonly onProblem: (source: string, error: unknown) => void;
}): SignalWatch {
  const seen = new Map<SignalSource, Seen>();
  const failing = new Set<SignalSource>();
  let pace: Pace = 'off';
  let timers: NodeJS.Timeout[] = [];
  let unwatch: (() => void)[] = [];
  /** what was asked before the last 'off' must not come in after it */
  let era = 0;
  let lookedOnce = false;
  let reads = 0;
  const running = new Map<SignalSource, Promise<void>>();

  function read(source: SignalSource): Promise<void> {
    const known = running.get(source);
    if (known) return known;
    const begunIn = era;
    reads += 1;
    const reading = (async () => {
      let signals: Signals = {};
      try {
        signals = await source.read(AbortSignal.timeout(READ_TIMEOUT_MS));
        failing.delete(source);
      } catch (error) {
        // What cannot be read is unknown. It is told once, not every five seconds.
        if (!failing.has(source)) deps.onProblem(source.name, error);
        failing.add(source);
      }
      if (begunIn === era) seen.set(source, { signals });
    })().finally(() => running.delete(source));
    running.set(source, reading);
    return reading;
  }

  async function readAll(cost?: SignalSource['cost']): Promise<void> {
    const begunIn = era;
    await Promise.all(deps.sources.filter((source) => cost === undefined || source.cost === cost).map(read));
    if (begunIn !== era) return;
    if (cost === undefined && pace !== 'off') lookedOnce = true;
    deps.onChange();
  }

  const merged = (): Signals =>
    Object.assign({}, ...deps.sources.toReversed().map((source) => known(seen.get(source)))) as Signals;

  function stop(): void {
    for (const timer of timers) clearInterval(timer);
    timers = [];
    for (const end of unwatch) end();
    unwatch = [];
  }

  return {
    current: () => (lookedOnce ? merged() : undefined),
    setPace(next) {
      if (next === pace) return;
      const wasOff = pace === 'off';
      stop();
      pace = next;
      if (next === 'off') {
        era += 1;
        seen.clear();
        lookedOnce = false;
        return;
      }
      const every = (ms: number, cost: SignalSource['cost']) => setInterval(() => void readAll(cost), ms).unref();
      timers = [every(CHEAP_MS[next], 'cheap'), every(DEAR_MS[next], 'dear')];
      unwatch = deps.sources.flatMap((source) => source.watch?.(() => void read(source).then(deps.onChange)) ?? []);
      if (wasOff) void readAll();
      else if (next === 'serving') void readAll('cheap');
    },
    async look() {
      // What began before may have looked before whatever made somebody ask.
      await Promise.all(running.values());
      await readAll();
      return merged();
    },
    get reads() {
      return reads;
    },
    close() {
      stop();
      era += 1;
    },
  };
}

/** An absent member must not hide what another source has seen. */
function known(seen: Seen | undefined): Signals {
  return Object.fromEntries(Object.entries(seen?.signals ?? {}).filter(([, value]) => value !== undefined)) as Signals;
}
