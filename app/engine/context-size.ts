/** Below this an agent's first prompt hardly fits, and the memory saved is small. */
export const SMALLEST_CONTEXT = 4096;

/**
 * The context to ask for, in tokens: a power of two from 4096 that holds what is needed, at most the model's own. Buckets, because
 * another size makes the engine load the model again; for the same reason never less than what is loaded.
 */
export function pickContextSize(input: {
  neededTokens: number;
  /** what the model was made for */
  modelTokens?: number | undefined;
  /** what the model is loaded with, 0 when it is not */
  loadedTokens?: number | undefined;
}): number {
  const { neededTokens, modelTokens = Infinity, loadedTokens = 0 } = input;
  let bucket = SMALLEST_CONTEXT;
  while (bucket < neededTokens && bucket < modelTokens) bucket *= 2;
  return Math.max(Math.min(bucket, modelTokens), loadedTokens);
}
