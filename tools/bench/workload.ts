/** What the benchmark asks for; the reference numbers were measured with the same. */
export const MODEL = 'bench';
export const CHUNKS = 64;
export const FIRST_TOKEN_MS = 50;
export const GAP_MS = 20;
/** in the prompt: the engine takes its time */
export const PACED_PROMPT = 'take your time';

export type Kind = 'json' | 'at once' | 'paced';
export const KINDS: readonly Kind[] = ['json', 'at once', 'paced'];
export const PARALLEL: readonly number[] = [1, 16, 64, 256];

export function bodyOf(kind: Kind): string {
  return JSON.stringify({
    model: MODEL,
    stream: kind !== 'json',
    messages: [
      { role: 'system', content: 'You are a helpful assistant.' },
      { role: 'user', content: `Count to sixty-four${kind === 'paced' ? ` and ${PACED_PROMPT}` : ''}.` },
    ],
    max_tokens: 256,
  });
}

/** How many requests a round makes: enough that a median means something, few enough that a run ends. */
export function requestsOf(kind: Kind, parallel: number, scale: number): number {
  if (kind === 'paced') return Math.max(parallel, Math.ceil(2 * scale));
  return Math.max(parallel * 2, Math.ceil(1000 * scale));
}
