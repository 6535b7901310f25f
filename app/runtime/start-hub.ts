import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemClock } from '../idleclaw/hub/clock.ts';
import { createHubApp } from '../idleclaw/hub/hub-app.ts';
import { HUB_LIMITS, type HubLimits } from '../idleclaw/hub/hub-limits.ts';
import { parseKeyRing, type KeyRing } from '../idleclaw/hub/key-ring.ts';
import { createSearxngSearch } from '../idleclaw/hub/web-search.ts';
import { listen } from '../http/listen.ts';
import { GridError } from '../protocol/errors.ts';
import type { Home } from './home.ts';
import { openLog } from './log.ts';

export const HUB_PORT = 17478;

export interface HubConfig {
  readonly home: Home;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly host?: string | undefined;
  readonly port?: number | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  readonly allowedOrigins?: readonly string[] | undefined;
  readonly trustedProxies?: readonly string[] | undefined;
  /** files with one key a line; without them /v1 and /admin are off */
  readonly v1KeyFile?: string | undefined;
  readonly adminKeyFile?: string | undefined;
  /** without it no tool is offered to models */
  readonly searxngUrl?: string | undefined;
  readonly probes?: boolean | undefined;
  readonly limits?: HubLimits;
}

export interface RunningHub {
  readonly url: string;
  readonly v1: boolean;
  readonly admin: boolean;
  /** Running answers get `drainMs` to end; nodes are told to come back. */
  stop(drainMs: number): Promise<void>;
}

/** An IdleClaw routing server. It has no key and keeps no books: what crosses it is forgotten. */
export async function startHub(config: HubConfig): Promise<RunningHub> {
  const v1Keys = readKeys(config.v1KeyFile);
  const adminKeys = readKeys(config.adminKeyFile);
  const hub = createHubApp({
    log: openLog(join(dirname(config.home.logFile), 'hub.log'), config.env['LOBSTAH_LOG'] || 'info'),
    clock: systemClock,
    random: Math.random,
    randomUuid: randomUUID,
    limits: config.limits ?? HUB_LIMITS,
    trustedProxies: config.trustedProxies ?? [],
    allowedHosts: config.allowedHosts ?? [],
    allowedOrigins: config.allowedOrigins ?? [],
    v1Keys,
    adminKeys,
    search: config.searxngUrl === undefined ? undefined : createSearxngSearch(config.searxngUrl, fetch),
    probes: config.probes ?? true,
  });
  const server = await listen(hub.app, { host: config.host ?? '127.0.0.1', port: config.port ?? HUB_PORT });
  server.server.on('upgrade', hub.upgrade);
  return {
    url: server.url,
    v1: v1Keys !== undefined,
    admin: adminKeys !== undefined,
    async stop(drainMs) {
      await hub.drain(drainMs);
      await server.close(1_000);
    },
  };
}

function readKeys(file: string | undefined): KeyRing | undefined {
  if (file === undefined) return undefined;
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw new GridError('invalid_argument', `The key file '${file}' cannot be read.`, { cause: error });
  }
  return parseKeyRing(text, file);
}
