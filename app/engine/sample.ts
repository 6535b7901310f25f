import { fileURLToPath } from 'node:url';
import { createBuiltinEngine } from './builtin/builtin.ts';
import type { SpawnLlamaHost } from './builtin/llama-process.ts';
import type { Engine } from './engine.ts';

export const SAMPLE_MODEL_NAME = 'lobstah-sample';
const SAMPLE_MODEL_FILE = fileURLToPath(new URL('../../resources/models/lobstah-sample.gguf', import.meta.url));

export interface SampleOptions {
  /** where the file is, when the code is bundled */
  readonly modelPath?: string;
  readonly spawnHost?: SpawnLlamaHost;
  readonly idleMs?: number;
}

/**
 * The model that is always there: 2 MB, made of synthetic sentences (tools/sample-model). It says what it is and how to get a
 * real one, and is never offered to others. Greedy unless told otherwise, because it reads best so.
 */
export function createSampleEngine(options: SampleOptions = {}): Engine {
  return createBuiltinEngine({
    engineName: 'sample',
    modelName: SAMPLE_MODEL_NAME,
    modelPath: options.modelPath ?? SAMPLE_MODEL_FILE,
    ownUseOnly: true,
    defaultTemperature: 0,
    ...(options.spawnHost ? { spawnHost: options.spawnHost } : {}),
    ...(options.idleMs === undefined ? {} : { idleMs: options.idleMs }),
  });
}
