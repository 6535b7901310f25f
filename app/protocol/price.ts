/** Integer micro-credits per token; 1 credit = 1,000,000 micro-credits. */
export interface Price {
  readonly input: number;
  readonly output: number;
}

export const MICRO_PER_CREDIT = 1_000_000;
/** Lobstah v1: one token is one credit, whichever way it goes. */
export const V1_PRICE: Price = { input: MICRO_PER_CREDIT, output: MICRO_PER_CREDIT };
/** What own machines take from each other. */
export const FREE_PRICE: Price = { input: 0, output: 0 };
/** More tokens than any context window; keeps every product below 2^53. */
export const MAX_TOKENS_PER_JOB = 100_000_000;
/** With MAX_TOKENS_PER_JOB on both sides a cost stays a safe integer: 2 × 10^8 × 4 × 10^7 < 2^53. */
export const MAX_PRICE = 40_000_000;

export function costMicro(price: Price, tokens: { inputTokens: number; outputTokens: number }): number {
  return price.input * tokens.inputTokens + price.output * tokens.outputTokens;
}
