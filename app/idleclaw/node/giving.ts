import type { Logger } from 'pino';
import type { EngineEvent, EngineModel } from '../../engine/engine.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { LIMITS } from '../frames.ts';

/**
 * The engine of this machine as the worker lends it: the models the owner ticked, the same places and the same switch as for
 * work of the grid. The worker provides it; a node knows no more of the worker.
 */
export interface Giving {
  /** what others may use now */
  models(signal: AbortSignal): Promise<readonly EngineModel[]>;
  /**
   * Answers for nothing: no order, no receipt, no credit. Throws GridErrors, or the signal's reason.
   * @param from who asks, for the owner and for taking turns: 'IdleClaw hub.example'
   */
  give(request: ChatRequest, from: string, signal: AbortSignal): AsyncIterable<EngineEvent>;
  /** all requests of this machine, whoever asked */
  load(): { readonly running: number; readonly waiting: number };
  concurrency(): number;
  engineVersion(signal: AbortSignal): Promise<string>;
}

export interface GivenTokens {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What connections and contributors share. */
export interface NodeDeps {
  readonly giving: Giving;
  readonly given: (server: string, tokens: GivenTokens) => void;
  readonly onChange: () => void;
  readonly log: Logger;
  readonly nowMs: () => number;
  /** 0 ≤ x < 1 */
  readonly random: () => number;
  readonly newNodeId: () => string;
  readonly timing: NodeTiming;
}

export interface NodeTiming {
  readonly heartbeatMs: number;
  /** how soon a hub is told that other work came or went: a word that is 15 s old sends requests elsewhere, or here in vain */
  readonly loadMs: number;
  readonly registrationMs: number;
  readonly handshakeMs: number;
  /** how soon it is looked again whether there is something to share */
  readonly nothingToShareMs: number;
  /** how often a node looks whether its models are still those it registered */
  readonly recheckMs: number;
}

export const NODE_TIMING: NodeTiming = {
  heartbeatMs: LIMITS.heartbeatMs,
  loadMs: 1_000,
  registrationMs: LIMITS.registrationMs,
  handshakeMs: 10_000,
  nothingToShareMs: 15_000,
  recheckMs: 60_000,
};
