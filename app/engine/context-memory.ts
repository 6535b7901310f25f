import { pickContextSize } from './context-size.ts';

export interface ContextUse {
  readonly contextTokens: number;
  /** Doubles the context. False when the model has no more. */
  grow(): boolean;
  [Symbol.dispose](): void;
}

/**
 * Remembers what each model was last asked with while requests to it run: Ollama lists a model only after it is loaded, and a
 * second, smaller request in that moment would make it load again.
 */
export function createContextMemory() {
  const running = new Map<string, { contextTokens: number; requests: number }>();
  return {
    use(
      model: string,
      size: { neededTokens: number; modelTokens: number | undefined; loadedTokens: number },
    ): ContextUse {
      const entry = running.get(model) ?? { contextTokens: 0, requests: 0 };
      running.set(model, entry);
      entry.requests += 1;
      entry.contextTokens = pickContextSize({
        ...size,
        loadedTokens: Math.max(size.loadedTokens, entry.contextTokens),
      });
      return {
        get contextTokens() {
          return entry.contextTokens;
        },
        grow() {
          const neededTokens = entry.contextTokens * 2;
          const next = pickContextSize({ ...size, neededTokens, loadedTokens: entry.contextTokens });
          // A model that does not say how long its context is gets no second try: there would be no end to it.
          if (size.modelTokens === undefined || next <= entry.contextTokens) return false;
          entry.contextTokens = next;
          return true;
        },
        [Symbol.dispose]() {
          entry.requests -= 1;
          if (entry.requests === 0) running.delete(model);
        },
      };
    },
  };
}
