import type { GridError } from './errors.ts';
import type { Pubkey } from './pubkey.ts';

/** A request that runs right now, as a worker or a router tells of it. */
export interface LiveJob {
  readonly jobId: string;
  readonly direction: 'serving' | 'asking';
  readonly model: string;
  /** the other side; 'anonymous' when nobody proved a key */
  readonly otherPubkey: Pubkey | 'anonymous';
  /** the other network it came by or goes to, in words: 'IdleClaw hub.example' */
  readonly via?: string;
  readonly maxOutputTokens: number;
  readonly startedAtMs: number;
  /** @param reason what the other side is told; without one, that the owner stopped it */
  stop(reason?: GridError): void;
}

export interface LiveJobHandle {
  /** who answers, as soon as that is known; changes when another peer takes over */
  with(pubkey: Pubkey): void;
  /** another network answers */
  via(name: string): void;
  phase(phase: 'queued' | 'waiting' | 'streaming'): void;
  /** output tokens so far, as far as they can be known before the receipt */
  tokens(count: number): void;
  end(): void;
}

/** Where running requests are told; the runtime shows them. */
export interface LiveJobs {
  begin(job: LiveJob): LiveJobHandle;
}
