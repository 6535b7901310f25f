import type { RequestListener } from 'node:http';
import type { Registry } from 'prom-client';
import { createJobVault } from '../ledger/job-vault.ts';
import { localDay } from '../ledger/local-day.ts';
import { overlayHost } from '../protocol/overlay-address.ts';
import { V1_PRICE } from '../protocol/price.ts';
import type { SharingDecision } from '../sharing/decide.ts';
import { createSealer } from '../store/sealer.ts';
import { ENGINE_LIMITS } from '../worker/engine-limits.ts';
import { createServe } from '../worker/serve.ts';
import { createWorkerApp } from '../worker/worker-app.ts';
import type { WorkerDeps } from '../worker/worker-deps.ts';
import type { Foundation, Lifetime } from './foundation.ts';
import type { GridOverrides, WorkerConfig } from './grid-config.ts';
import type { Guest } from './guest/guest.ts';
import { openWorkerDoor, type WorkerDoor } from './guest/worker-door.ts';
import { startContributing, type Contributing } from './idleclaw/contribute.ts';
import { allowedHostsOf, serverAddress } from './server-address.ts';

interface StartedWorker {
  /** undefined where the worker listens to nobody and serves IdleClaw only */
  readonly app: RequestListener | undefined;
  readonly door: WorkerDoor | undefined;
  readonly contributing: Contributing;
}

/** The provider side: its door for the grid, and its work for IdleClaw. @throws GridError port_taken */
export async function startWorker(
  base: Foundation,
  config: WorkerConfig,
  overrides: GridOverrides,
  life: Lifetime,
  given: Required<Pick<WorkerDeps, 'lanAddresses' | 'onReceipt'>> & {
    readonly guest: Guest;
    readonly sharing: (atMs: number) => SharingDecision;
    readonly sharingWithAll: (atMs: number) => SharingDecision;
    readonly registry: Registry;
    readonly onChange: () => void;
  },
): Promise<StartedWorker> {
  const { settings, directory, signer, engine, ledger, log, nowMs } = base;
  const { guest, sharing, sharingWithAll, registry, lanAddresses, onReceipt, onChange } = given;
  const deps: WorkerDeps = {
    signer,
    engine,
    engineLimits: overrides.engineLimits ?? ENGINE_LIMITS,
    ledger,
    policy: () => {
      const { worker, sharing: wish } = settings.current();
      const { friendsOnly, unsharedModels } = wish;
      return {
        ...worker,
        price: V1_PRICE,
        friendsOnly,
        isShared: (model) => !unsharedModels.includes(model.name) && guest.mayOffer(model),
      };
    },
    sharing,
    isBlocked: (pubkey) => directory.list().some((peer) => peer.blocked && peer.pubkey === pubkey),
    friends: base.friends,
    jobs: guest.jobs,
    storedJobs: createJobVault(ledger.storedJobs, createSealer(base.secretKey, 'stored jobs'), 'serving'),
    log: log.child({ room: 'worker' }),
    nowMs,
    localDay,
    randomHex: base.randomHex,
    registry,
    allowedHosts: [...allowedHostsOf(config), overlayHost(signer.pubkey)],
    lanAddresses,
    onReceipt,
    stopping: life.stopping.signal,
  };
  const serve = createServe(deps);
  let app: RequestListener | undefined;
  let door: WorkerDoor | undefined;
  if (config.listens !== false) {
    app = createWorkerApp(deps, serve);
    door = await openWorkerDoor(app, serverAddress(config, settings.current().worker.port), {
      offline: settings.current().sharing.offline,
      onProblem: (error) => log.error({ err: error }, 'the door of the worker could not be opened again'),
    });
    life.servers.push({ server: door, drains: true });
    base.roles.tell('worker', door.url);
  }
  const contributing = startContributing({
    config: base.config,
    settings,
    sharing: sharingWithAll,
    serve,
    engine,
    log: log.child({ room: 'idleclaw' }),
    nowMs,
    onChange,
    timing: overrides.nodeTiming,
  });
  life.servers.push({ server: contributing, drains: true });
  return { app, door, contributing };
}
