import type { EngineModel } from '../engine/engine.ts';

/** Buffers for computing beside weights and context, as a share of the weights. */
const BUFFERS = 0.1;
/** Context that most requests need; more is taken only where it is asked for, and then it is the engine that refuses. */
const USUAL_CONTEXT = 8_192;
/** Key and value of a token, per byte of weights, when nothing is known but the size: 128 KB a token at 5 GB (8B, Q4). */
const CONTEXT_BYTES_PER_WEIGHT = 128 / (5 * 1024 * 1024);

export interface MemoryFacts {
  readonly totalBytes: number;
  /** what models may take of it, 0 to 1 */
  readonly share: number;
  /** what models of others than Lobstah hold of it now: they are left alone */
  readonly ownerBytes: number;
  /** is nothing loaded beside a model of the owner? */
  readonly isShort: boolean;
}

type Sized = Pick<EngineModel, 'sizeBytes' | 'contextLength' | 'loaded'>;

/** Weights, the usual context, and buffers. undefined when the engine does not tell the size. */
export function neededBytes({ sizeBytes, contextLength = USUAL_CONTEXT }: Sized): number | undefined {
  if (sizeBytes === undefined) return undefined;
  const context = Math.min(contextLength, USUAL_CONTEXT) * sizeBytes * CONTEXT_BYTES_PER_WEIGHT;
  return Math.ceil(sizeBytes * (1 + BUFFERS) + context);
}

/**
 * Is there room to run this model for others? A model whose size nobody knows runs on another machine or is loaded already: the
 * engine decides. Pure.
 */
export function fits(model: Sized, { totalBytes, share, ownerBytes, isShort }: MemoryFacts): boolean {
  const needed = neededBytes(model);
  if (needed === undefined) return true;
  if (model.loaded) return needed <= totalBytes * share;
  if (ownerBytes > 0 && isShort) return false;
  return needed + ownerBytes <= totalBytes * share;
}
