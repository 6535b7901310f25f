import type { EngineChoiceView } from '../contract/snapshot.ts';
import { decideEngine, readEngineEnv } from '../engine/engine-choice.ts';
import type { GridParts } from './grid-parts.ts';

/** Which variable decides instead of the settings. */
export function engineFixedBy(env: GridParts['config']['env']): string | undefined {
  return ['LOBSTAH_ENGINE', 'LOBSTAH_ENGINE_URL'].find((name) => env[name]?.trim());
}

export function engineChoiceView({ config, settings, engineKeys }: EngineChoiceParts): EngineChoiceView {
  const { kind, address } = decideEngine(readEngineEnv(config.env), settings.current().engine);
  // A keychain may ask its owner when it is looked into: nobody is asked for an engine that needs no key.
  const mayNeedKey = kind === 'openai' && address !== undefined;
  return {
    kind,
    url: address?.api ?? null,
    hasKey: mayNeedKey && engineKeys.keyFor(address.origin) !== undefined,
    keyProblem: (mayNeedKey ? engineKeys.problem() : undefined) ?? null,
    fixedBy: engineFixedBy(config.env) ?? null,
  };
}

type EngineChoiceParts = Pick<GridParts, 'settings' | 'engineKeys'> & {
  readonly config: Pick<GridParts['config'], 'env'>;
};
