import type { TrustedProxies } from '../http/client-network.ts';
import type { Rate } from '../http/buckets.ts';
import type { RegistryLimits } from './registry.ts';

export interface TrackerLimits extends RegistryLimits {
  /** announcing and taking back, from one network */
  readonly announces: Rate;
  /** announcing and taking back, of one key; counted only once its signature was verified */
  readonly announcesPerKey: Rate;
  /** everything else, from one network */
  readonly reads: Rate;
}

/** A worker announces twice in five minutes, a reader reads about once in two: this is room for an office behind one address. */
export const TRACKER_LIMITS: TrackerLimits = {
  maxPeers: 20_000,
  maxPeersPerNetwork: 64,
  maxBytes: 64 * 1024 * 1024,
  announces: { burst: 120, perMinute: 120 },
  announcesPerKey: { burst: 10, perMinute: 12 },
  reads: { burst: 60, perMinute: 60 },
};

export interface TrackerDeps {
  readonly limits: TrackerLimits;
  readonly nowMs: () => number;
  /** hex digits, two a byte */
  readonly randomHex: (bytes: number) => string;
  readonly trustedProxies: TrustedProxies;
  /** 'any' for a public tracker: everything in it is public and signed, so a foreign Host or a page can do no harm */
  readonly allowedHosts: readonly string[] | 'any';
  readonly onUnexpected: (error: unknown) => void;
}
