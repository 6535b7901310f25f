import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import type { Engine, EngineModel } from '../engine/engine.ts';
import type { JobVault } from '../ledger/job-vault.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { Tier } from '../protocol/capacity.ts';
import type { Signer } from '../protocol/ed25519.ts';
import type { LiveJobs } from '../protocol/live-job.ts';
import type { Circle } from '../protocol/invite.ts';
import type { Price } from '../protocol/price.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import type { RedeemState, VerifiedRedeem } from '../protocol/redeem.ts';
import type { SharingDecision } from '../sharing/decide.ts';
import type { EngineLimits } from './engine-limits.ts';

/** What the owner decided about serving; read at every request, so a change holds at once. */
export interface WorkerPolicy {
  /** requests that the engine works on at the same time */
  readonly concurrency: number;
  /** requests that may wait for a place */
  readonly maxQueue: number;
  /** tokens a day for strangers beyond their own credit, and for requests that nobody signed: one budget for all */
  readonly giftTokensPerDay: number;
  /** micro-credits per token, the same for every model */
  readonly price: Price;
  readonly tier: Tier;
  /** private mode: nobody else is served, whatever credit they have */
  readonly friendsOnly: boolean;
  /** ticked by the owner, within its budget, and with room in memory */
  isShared(model: EngineModel): boolean;
}

/** Friends and own devices as of now, and the door to become one. */
export interface Circles {
  find(pubkey: Pubkey): { readonly pubkey: Pubkey; readonly circle: Circle; readonly tokensPerDay: number } | undefined;
  /** @throws GridError invite_invalid, invite_expired, invite_used */
  redeem(redeem: VerifiedRedeem, nowMs: number): RedeemState;
}

export interface WorkerDeps {
  readonly signer: Signer;
  readonly engine: Engine;
  readonly engineLimits: EngineLimits;
  readonly ledger: Ledger;
  readonly policy: () => WorkerPolicy;
  readonly sharing: (nowMs: number) => Pick<SharingDecision, 'state'>;
  /** whom the owner does not serve, whatever credit they have */
  readonly isBlocked: (pubkey: Pubkey) => boolean;
  readonly friends: Circles;
  readonly jobs: LiveJobs;
  /** jobs that are answered later */
  readonly storedJobs: JobVault;
  readonly log: Logger;
  readonly nowMs: () => number;
  readonly localDay: (ms: number) => string;
  /** hex digits, two a byte */
  readonly randomHex: (bytes: number) => string;
  /** for GET /metrics */
  readonly registry: Registry;
  readonly allowedHosts: readonly string[];
  /** of this machine on the local network, while the owner serves neighbours there */
  readonly lanAddresses?: () => readonly string[];
  /** told of every receipt for somebody else, after it is in the books */
  readonly onReceipt?: (receipt: VerifiedReceipt) => void;
  /** aborted when the server stops: nothing new is admitted */
  readonly stopping: AbortSignal;
}
