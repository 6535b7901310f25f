import { GridError } from '../protocol/errors.ts';
import { parseOpenAiUrl, type OpenAiAddress } from './openai-url.ts';

/** 'openai': whatever answers OpenAI's API. 'sample' is for trying and for tests. */
export const ENGINE_KINDS = ['auto', 'ollama', 'builtin', 'openai', 'sample'] as const;
export type EngineKind = (typeof ENGINE_KINDS)[number];

/** What the owner chose, as it stands in settings. */
export interface EngineWish {
  readonly kind: EngineKind;
  readonly openai: { readonly url: string } | null;
}

/** What holds: the environment goes before the settings. */
export interface EngineChoice {
  readonly kind: EngineKind;
  readonly address: OpenAiAddress | undefined;
}

/** The part of a choice that the environment makes. */
export interface EngineEnv {
  readonly kind: EngineKind | undefined;
  readonly address: OpenAiAddress | undefined;
}

/**
 * LOBSTAH_ENGINE and LOBSTAH_ENGINE_URL.
 * @throws GridError invalid_argument naming the variable
 */
export function readEngineEnv(env: Readonly<Record<string, string | undefined>>): EngineEnv {
  const url = env['LOBSTAH_ENGINE_URL']?.trim();
  return {
    kind: parseKind(env['LOBSTAH_ENGINE']),
    address: url ? parseOpenAiUrl(url, 'LOBSTAH_ENGINE_URL') : undefined,
  };
}

function parseKind(value: string | undefined): EngineKind | undefined {
  const text = value?.trim().toLowerCase();
  if (!text) return undefined;
  const kind = ENGINE_KINDS.find((candidate) => candidate === text);
  if (kind) return kind;
  throw new GridError('invalid_argument', `LOBSTAH_ENGINE '${value}' is not one of ${ENGINE_KINDS.join(', ')}.`, {
    details: { variable: 'LOBSTAH_ENGINE' },
  });
}

/** An address alone in the environment means that engine too. */
export function decideEngine(env: EngineEnv, wish: EngineWish): EngineChoice {
  const address = env.address ?? (wish.openai ? parseOpenAiUrl(wish.openai.url) : undefined);
  return { kind: env.kind ?? (env.address ? 'openai' : wish.kind), address };
}
