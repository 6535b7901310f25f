import { randomBytes } from 'node:crypto';
import { parseProxyRange } from '../http/client-network.ts';
import { listen, type RunningServer } from '../http/listen.ts';
import { GridError } from '../protocol/errors.ts';
import { createTrackerApp } from '../tracker/tracker-app.ts';
import { TRACKER_LIMITS } from '../tracker/tracker-deps.ts';

export const TRACKER_PORT = 17476;

export interface TrackerConfig {
  readonly port?: number | undefined;
  /** 127.0.0.1 unless the operator said otherwise */
  readonly host?: string | undefined;
  /** answers on every address of this machine */
  readonly isPublic?: boolean | undefined;
  readonly allowedHosts?: readonly string[] | undefined;
  /** addresses or ranges whose x-forwarded-for is believed */
  readonly trustedProxies?: readonly string[] | undefined;
  readonly maxPeers?: number | undefined;
  readonly maxPeersPerNetwork?: number | undefined;
  readonly announcesPerMinute?: number | undefined;
  readonly readsPerMinute?: number | undefined;
  readonly onUnexpected: (error: unknown) => void;
}

/**
 * A tracker has no home, no key and no memory beyond its process: whoever is there announces again within minutes.
 * @throws GridError port_taken, invalid_argument
 */
export function startTracker(config: TrackerConfig): Promise<RunningServer> {
  const host = config.host ?? (config.isPublic ? '0.0.0.0' : '127.0.0.1');
  const rate = (perMinute: number | undefined, usual: { burst: number; perMinute: number }) =>
    perMinute === undefined ? usual : { burst: perMinute, perMinute };
  const limits = {
    ...TRACKER_LIMITS,
    maxPeers: config.maxPeers ?? TRACKER_LIMITS.maxPeers,
    maxPeersPerNetwork: config.maxPeersPerNetwork ?? TRACKER_LIMITS.maxPeersPerNetwork,
    announces: rate(config.announcesPerMinute, TRACKER_LIMITS.announces),
    reads: rate(config.readsPerMinute, TRACKER_LIMITS.reads),
  };
  const app = createTrackerApp({
    limits,
    nowMs: Date.now,
    randomHex: (bytes) => randomBytes(bytes).toString('hex'),
    trustedProxies: (config.trustedProxies ?? []).map((text) => {
      const range = parseProxyRange(text);
      if (range) return range;
      throw new GridError('invalid_argument', `'${text.slice(0, 60)}' is no address or range like 10.0.0.0/8.`);
    }),
    allowedHosts: config.allowedHosts ?? (isLoopback(host) ? [] : 'any'),
    onUnexpected: config.onUnexpected,
  });
  return listen(app, { host, port: config.port ?? TRACKER_PORT });
}

const isLoopback = (host: string) => host === 'localhost' || host === '::1' || host.startsWith('127.');
