import type { Registry } from 'prom-client';
import { listen } from '../http/listen.ts';
import { createJobVault } from '../ledger/job-vault.ts';
import type { Roster } from '../peers/roster.ts';
import { V1_PRICE } from '../protocol/price.ts';
import { RouterMemory } from '../router/memory.ts';
import { createRouterApp } from '../router/router-app.ts';
import { PHASE_LIMITS } from '../router/router-deps.ts';
import { createRouterMetrics } from '../router/router-metrics.ts';
import { createSealer } from '../store/sealer.ts';
import type { Foundation, Lifetime } from './foundation.ts';
import type { RouterConfig } from './grid-config.ts';
import { createLastResort } from './idleclaw/last-resort.ts';
import type { LiveJobTable } from './live-job-table.ts';
import type { Reach } from './reach.ts';
import { allowedHostsOf, refuseOpenRouter, serverAddress } from './server-address.ts';

/** The local OpenAI-compatible server. @returns its URL. @throws GridError port_taken, invalid_argument */
export async function startRouter(
  base: Foundation,
  config: RouterConfig,
  life: Lifetime,
  { roster, reach, jobs, registry }: { roster: Roster; reach: Reach; jobs: LiveJobTable; registry: Registry },
): Promise<string> {
  refuseOpenRouter(config);
  const { settings, ledger, log, signer, nowMs, randomHex } = base;
  const { dispatcher } = reach;
  const asking = () => jobs.list().filter(({ direction }) => direction === 'asking').length;
  const app = createRouterApp({
    signer,
    ledger,
    roster,
    dispatcher,
    pathOf: (peer) => reach.pathOf(peer),
    jobs,
    storedJobs: createJobVault(ledger.storedJobs, createSealer(base.secretKey, 'stored jobs'), 'asking'),
    log: log.child({ room: 'router' }),
    nowMs,
    randomHex,
    random: Math.random,
    maxPrice: V1_PRICE,
    limits: PHASE_LIMITS,
    lastResort: createLastResort({
      settings,
      env: base.config.env,
      // The owner typed these addresses: no guard against those of strangers.
      dispatcher: base.open,
      log: log.child({ room: 'idleclaw' }),
    }),
    aliases: () => settings.current().router.aliases,
    apiKey: config.apiKey,
    memory: new RouterMemory(),
    metrics: createRouterMetrics(registry, asking),
    registry,
    allowedHosts: allowedHostsOf(config),
    stopping: life.stopping.signal,
  });
  const server = await listen(app, serverAddress(config, settings.current().router.port));
  life.servers.push({ server, drains: true });
  base.roles.tell('router', server.url);
  return server.url;
}
