import type { SpawnLlamaHost } from '../engine/builtin/llama-process.ts';
import { chooseEngine } from '../engine/choose-engine.ts';
import type { Engine } from '../engine/engine.ts';
import { effectiveRules } from './guest/rules-schema.ts';
import type { EngineKeys } from './engine-keys.ts';
import type { Home } from './home.ts';
import type { SettingsFile } from './settings.ts';

/** How a shell that is bundled runs llama.cpp. */
export interface EngineHost {
  readonly spawnHost?: SpawnLlamaHost;
  readonly sampleModelPath?: string;
}

/** The engine this home asks for, by environment and settings. @throws GridError invalid_argument */
export function openOwnEngine(deps: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: Home;
  readonly settings: SettingsFile;
  readonly keys: EngineKeys;
  readonly host?: EngineHost | undefined;
}): Engine {
  return chooseEngine({
    env: deps.env,
    modelsFolder: deps.home.modelsFolder,
    wish: () => deps.settings.current().engine,
    keyFor: (origin) => deps.keys.keyFor(origin),
    keepAliveSeconds: () => effectiveRules(deps.settings.current().sharing.rules).keepAliveSeconds ?? undefined,
    ...deps.host,
  });
}
