import { setTimeout as sleep } from 'node:timers/promises';
import { asGridError } from '../../protocol/errors.ts';
import { openConnection, type NodeConnection } from './connection.ts';
import type { NodeDeps } from './giving.ts';
import { GOOD_AFTER_MS, reconnectDelayMs } from './reconnect.ts';
import { registrable } from './registration.ts';

export type ContributorState = 'connecting' | 'contributing' | 'waiting' | 'nothing-to-share';

export interface ContributorView {
  readonly server: string;
  readonly state: ContributorState;
  /** what went wrong last, in words; undefined while all is well */
  readonly problem: string | undefined;
  readonly models: readonly string[];
  readonly active: number;
}

export interface Contributor {
  view(): ContributorView;
  /** something about the shared models may have changed */
  recheck(): void;
  /** takes nothing new; resolves when the last answer is out */
  drain(): Promise<void>;
  /** unregisters and closes; nothing is open when it resolves */
  stop(reason: string): Promise<void>;
}

/** Keeps this machine registered at one hub, for as long as it is not stopped. */
export function startContributor(server: string, deps: NodeDeps): Contributor {
  const stopping = new AbortController();
  let connection: NodeConnection | undefined;
  let state: ContributorState = 'connecting';
  let problem: string | undefined;
  let failures = 0;
  let draining = false;
  let checking: Promise<void> | undefined;

  const set = (next: ContributorState, words?: string): void => {
    state = next;
    problem = words;
    deps.onChange();
  };

  async function look(): Promise<{ models: Awaited<ReturnType<typeof deps.giving.models>>; version: string }> {
    const signal = AbortSignal.any([stopping.signal, AbortSignal.timeout(10_000)]);
    return { models: await deps.giving.models(signal), version: await deps.giving.engineVersion(signal) };
  }

  /** @returns how long to wait before the next try */
  async function connectOnce(): Promise<number> {
    let seen: Awaited<ReturnType<typeof look>>;
    try {
      seen = await look();
    } catch (error) {
      set('nothing-to-share', asGridError(error, 'engine_unreachable').message);
      return deps.timing.nothingToShareMs;
    }
    if (registrable(seen.models).length === 0) {
      set('nothing-to-share', 'There is no shared model to offer.');
      return deps.timing.nothingToShareMs;
    }
    if (stopping.signal.aborted) return 0;
    set('connecting', problem);
    connection = openConnection(server, seen.models, seen.version, deps);
    if (draining) connection.drain();
    const watch = setInterval(recheck, deps.timing.recheckMs);
    const end = await connection.ended;
    clearInterval(watch);
    connection = undefined;
    if (end.kind === 'closed') return 0;
    failures = end.lastedMs >= GOOD_AFTER_MS ? 1 : failures + 1;
    const delayMs = reconnectDelayMs(end, failures, deps.random());
    deps.log.info({ server, kind: end.kind, reason: end.reason, delayMs }, 'not connected to an IdleClaw server');
    set('waiting', end.reason);
    return delayMs;
  }

  /** IdleClaw has no word for 'my models changed': the node comes back as a new one, when nothing runs. */
  function recheck(): void {
    checking ??= (async () => {
      const current = connection;
      if (!current?.isRegistered || current.active > 0) return;
      const now = registrable((await look()).models).map(({ name }) => name);
      const same = now.length === current.models.length && now.every((name) => current.models.includes(name));
      if (!same && current === connection && current.active === 0) await current.close('the models changed');
    })()
      .catch((error: unknown) => deps.log.debug({ err: error, server }, 'models not looked at'))
      .finally(() => (checking = undefined));
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted && !draining) {
      const delayMs = await connectOnce();
      await sleep(delayMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }
  const ran = run().catch((error: unknown) => deps.log.error({ err: error, server }, 'contributing stopped'));

  return {
    view: () => ({
      server,
      state: connection?.isRegistered ? 'contributing' : state,
      problem: connection?.isRegistered ? undefined : problem,
      models: connection?.isRegistered ? connection.models : [],
      active: connection?.active ?? 0,
    }),
    recheck,
    async drain() {
      draining = true;
      const current = connection;
      current?.drain();
      await current?.ended;
    },
    async stop(reason) {
      stopping.abort();
      await connection?.close(reason);
      await ran;
    },
  };
}
