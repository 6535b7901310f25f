import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Dispatcher } from 'undici';
import type { JobVault } from '../ledger/job-vault.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Peer } from '../peers/peer.ts';
import type { PeerPath } from '../peers/peer-path.ts';
import type { Roster } from '../peers/roster.ts';
import type { Signer } from '../protocol/ed25519.ts';
import type { LiveJobs } from '../protocol/live-job.ts';
import type { Price } from '../protocol/price.ts';
import type { LastResort } from './last-resort.ts';
import type { RouterMemory } from './memory.ts';
import type { RouterMetrics } from './router-metrics.ts';

/** How long each phase of asking a peer may take, in ms. */
export interface PhaseLimits {
  /** until an order-aware worker has sent its status; v1 workers send it with the first token */
  readonly headersMs: number;
  /** silence of an order-aware worker, which sends a heartbeat every second */
  readonly stallMs: number;
  /** until a v1 worker, which sends no heartbeats, has sent its first token */
  readonly v1FirstMs: number;
  readonly v1StallMs: number;
}

export const PHASE_LIMITS: PhaseLimits = { headersMs: 10_000, stallMs: 3_000, v1FirstMs: 120_000, v1StallMs: 30_000 };

export interface RouterDeps {
  readonly signer: Signer;
  readonly ledger: Ledger;
  readonly roster: Roster;
  readonly dispatcher: Dispatcher;
  readonly pathOf: (peer: Peer) => PeerPath;
  readonly jobs: LiveJobs;
  /** jobs that are asked in the background */
  readonly storedJobs: JobVault;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** hex digits, two a byte */
  readonly randomHex: (bytes: number) => string;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  /** the most this machine pays a token, in micro-credits */
  readonly maxPrice: Price;
  readonly limits: PhaseLimits;
  /** where a request may go when no peer can answer it */
  readonly lastResort?: LastResort | undefined;
  readonly allowedHosts: readonly string[];
  /** names of the owner for models: 'gpt-4o' may mean 'qwen3:8b' */
  readonly aliases: () => Readonly<Record<string, string>>;
  /** what a client must show as `Authorization: Bearer`; undefined lets every program of this machine in */
  readonly apiKey: string | undefined;
  readonly memory: RouterMemory;
  readonly metrics: RouterMetrics;
  /** for GET /metrics */
  readonly registry: Registry;
  readonly stopping: AbortSignal;
}
