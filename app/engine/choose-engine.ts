import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { isEmbeddingModel } from '../protocol/capacity.ts';
import { createBuiltinEngine } from './builtin/builtin.ts';
import type { SpawnLlamaHost } from './builtin/llama-process.ts';
import { DEFAULT_MODEL } from './default-model.ts';
import { decideEngine, readEngineEnv, type EngineChoice, type EngineKind, type EngineWish } from './engine-choice.ts';
import { createEngineSwitch, type Candidate, type Choice } from './engine-switch.ts';
import type { Engine } from './engine.ts';
import { createOllama } from './ollama.ts';
import { parseOllamaHost } from './ollama-host.ts';
import { createOpenAiCompatible } from './openai-compatible.ts';
import type { OpenAiAddress } from './openai-url.ts';
import { createSampleEngine } from './sample.ts';

export interface ChooseEngineOptions {
  /** LOBSTAH_ENGINE, LOBSTAH_ENGINE_URL, OLLAMA_HOST */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** where downloaded models are; need not exist */
  readonly modelsFolder: string;
  /** what the settings say right now; the environment goes before it */
  readonly wish?: () => EngineWish;
  /** the key of the OpenAI-compatible engine, for this origin and no other */
  readonly keyFor?: (origin: string) => string | undefined;
  /** as in OllamaOptions, from the policy of the moment */
  readonly keepAliveSeconds?: () => number | undefined;
  readonly nowMs?: () => number;
  readonly spawnHost?: SpawnLlamaHost | undefined;
  /** where the sample model is, when the code is bundled */
  readonly sampleModelPath?: string | undefined;
}

const LOOK_TIMEOUT_MS = 2_000;
const AUTO: EngineWish = { kind: 'auto', openai: null };

/**
 * The engine of this machine, as environment and settings wish; nothing is contacted yet. 'auto' is Ollama while it answers and
 * has a model, else a model of the built-in engine, else the sample. It looks again when it is used and the last look is old or
 * the wish has changed.
 * @throws GridError invalid_argument naming the variable
 */
export function chooseEngine(options: ChooseEngineOptions): Engine {
  const { env, spawnHost, sampleModelPath, wish = () => AUTO } = options;
  const fromEnv = readEngineEnv(env);
  const ollama = createOllama({
    baseUrl: parseOllamaHost(env['OLLAMA_HOST']),
    keepAliveSeconds: options.keepAliveSeconds,
  });
  const sample = createSampleEngine({
    ...(spawnHost ? { spawnHost } : {}),
    ...(sampleModelPath ? { modelPath: sampleModelPath } : {}),
  });
  const downloaded = downloadedModel(options);
  const compatible = compatibleEngines(options.keyFor);

  const candidatesFor = ({ kind, address }: EngineChoice): readonly Candidate[] => {
    if (kind === 'auto') return [whenItHasModels(ollama), downloaded, always(sample)];
    if (kind === 'ollama') return [always(ollama)];
    if (kind === 'builtin') return [downloaded];
    if (kind === 'sample') return [always(sample)];
    return address ? [always(compatible.at(address))] : [];
  };

  return createEngineSwitch({
    nowMs: options.nowMs ?? Date.now,
    choice(): Choice {
      const choice = decideEngine(fromEnv, wish());
      const { kind, address } = choice;
      return { name: `${kind} ${address?.api ?? ''}`, candidates: candidatesFor(choice), nothing: nothingFor(kind) };
    },
    async close() {
      await Promise.all([ollama.close(), sample.close(), downloaded.close(), compatible.close()]);
    },
  });
}

function nothingFor(kind: EngineKind): Choice['nothing'] {
  if (kind === 'openai')
    return {
      engine: 'openai-compatible',
      reachable: false,
      where: 'nowhere yet',
      problem: 'The OpenAI-compatible engine has no address yet.',
    };
  return {
    engine: 'builtin',
    reachable: false,
    where: 'inside Lobstah',
    problem: 'No model was downloaded for the built-in engine.',
  };
}

const always = (engine: Engine): Candidate => ({ ready: () => Promise.resolve(engine), close: () => engine.close() });

function whenItHasModels(engine: Engine): Candidate {
  return {
    async ready() {
      try {
        const models = await engine.models(AbortSignal.timeout(LOOK_TIMEOUT_MS));
        // With embeddings alone nobody can be answered.
        return models.some((model) => !isEmbeddingModel(model)) ? engine : undefined;
      } catch {
        // Not there, or not itself: for the choice that is all there is to know. Its owner finds the reason with 'doctor'.
        return undefined;
      }
    },
    close: () => engine.close(),
  };
}

/** One engine for each address; one that is left goes on with the answers it is in. */
function compatibleEngines(keyFor: ChooseEngineOptions['keyFor'] = () => undefined) {
  const engines = new Map<string, Engine>();
  return {
    at(address: OpenAiAddress): Engine {
      const known = engines.get(address.api);
      if (known) return known;
      const engine = createOpenAiCompatible({ address, key: () => keyFor(address.origin) });
      engines.set(address.api, engine);
      return engine;
    },
    close: async () => void (await Promise.all([...engines.values()].map((engine) => engine.close()))),
  };
}

/** The built-in engine with the first model file of the folder; another file, another engine. */
function downloadedModel({ modelsFolder, spawnHost }: ChooseEngineOptions): Candidate {
  let current: { modelPath: string; engine: Engine } | undefined;
  return {
    async ready() {
      const fileName = firstModelFile(modelsFolder);
      const modelPath = fileName === undefined ? undefined : join(modelsFolder, fileName);
      if (current?.modelPath === modelPath) return current?.engine;
      // What it is saying just now is lost with its file.
      await current?.engine.close();
      current = undefined;
      if (fileName === undefined || modelPath === undefined) return undefined;
      const modelName = fileName === DEFAULT_MODEL.fileName ? DEFAULT_MODEL.name : basename(fileName, '.gguf');
      const engine = createBuiltinEngine({
        engineName: 'builtin',
        modelPath,
        modelName,
        ownUseOnly: false,
        ...(spawnHost ? { spawnHost } : {}),
      });
      current = { modelPath, engine };
      return engine;
    },
    close: async () => current?.engine.close(),
  };
}

function firstModelFile(folder: string): string | undefined {
  try {
    return readdirSync(folder)
      .filter((name) => name.endsWith('.gguf') && !name.startsWith('.'))
      .sort()[0];
  } catch {
    // No folder, no models.
    return undefined;
  }
}
