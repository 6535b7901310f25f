import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { GridError } from '../protocol/errors.ts';
import { createBuiltinEngine } from './builtin/builtin.ts';
import type { SpawnLlamaHost } from './builtin/llama-process.ts';
import { DEFAULT_MODEL } from './default-model.ts';
import type { Engine, EngineChat, EngineStatus } from './engine.ts';
import { createOllama } from './ollama.ts';
import { parseOllamaHost } from './ollama-host.ts';
import { createSampleEngine } from './sample.ts';

export interface ChooseEngineOptions {
  /** LOBSTAH_ENGINE = auto | ollama | builtin | sample; OLLAMA_HOST */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** where downloaded models are; need not exist */
  readonly modelsFolder: string;
  readonly nowMs?: () => number;
  readonly spawnHost?: SpawnLlamaHost;
  /** where the sample model is, when the code is bundled */
  readonly sampleModelPath?: string;
}

const WISHES = ['auto', 'ollama', 'builtin', 'sample'] as const;
type Wish = (typeof WISHES)[number];

/** How long a choice holds: the sample model steps aside within seconds, and nobody is asked more often than that. */
const FRESH_MS = 2_500;
const LOOK_TIMEOUT_MS = 2_000;

/**
 * The engine of this machine, as the environment wishes; nothing is contacted yet. 'auto' is Ollama while it answers and has a
 * model, else a model of the built-in engine, else the sample. It looks again when it is used and the last look is old.
 * @throws GridError invalid_argument naming the variable
 */
export function chooseEngine(options: ChooseEngineOptions): Engine {
  const wish = parseWish(options.env['LOBSTAH_ENGINE']);
  const host = options.spawnHost ? { spawnHost: options.spawnHost } : {};
  const createSample = () =>
    createSampleEngine({ ...host, ...(options.sampleModelPath ? { modelPath: options.sampleModelPath } : {}) });
  if (wish === 'sample') return createSample();
  if (wish === 'builtin') return createSwitch([downloadedModel(options)], options.nowMs);
  const ollama = createOllama({ baseUrl: parseOllamaHost(options.env['OLLAMA_HOST']) });
  if (wish === 'ollama') return ollama;
  const sample = createSample();
  return createSwitch([whenItHasModels(ollama), downloadedModel(options), always(sample)], options.nowMs);
}

function parseWish(value: string | undefined): Wish {
  const text = value?.trim().toLowerCase() || 'auto';
  const wish = WISHES.find((candidate) => candidate === text);
  if (wish) return wish;
  throw new GridError('invalid_argument', `LOBSTAH_ENGINE '${value}' is not one of ${WISHES.join(', ')}.`, {
    details: { variable: 'LOBSTAH_ENGINE' },
  });
}

/** An engine that may or may not be there. */
interface Candidate {
  /** The engine, when it can answer now. */
  ready(): Promise<Engine | undefined>;
  close(): Promise<void>;
}

const always = (engine: Engine): Candidate => ({ ready: () => Promise.resolve(engine), close: () => engine.close() });

function whenItHasModels(engine: Engine): Candidate {
  return {
    async ready() {
      try {
        const models = await engine.models(AbortSignal.timeout(LOOK_TIMEOUT_MS));
        return models.length > 0 ? engine : undefined;
      } catch {
        // Not there, or not itself: for the choice that is all there is to know. Its owner finds the reason with 'doctor'.
        return undefined;
      }
    },
    close: () => engine.close(),
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

const NOTHING: EngineStatus = {
  engine: 'builtin',
  reachable: false,
  where: 'inside Lobstah',
  problem: 'No model was downloaded for the built-in engine.',
};

/** Answers with the first candidate that is ready. */
function createSwitch(candidates: readonly Candidate[], nowMs: () => number = Date.now): Engine {
  let last: { engine: Engine | undefined; atMs: number } | undefined;
  let looking: Promise<Engine | undefined> | undefined;

  async function look(): Promise<Engine | undefined> {
    for (const candidate of candidates) {
      const engine = await candidate.ready();
      if (engine) return engine;
    }
    return undefined;
  }

  /** Not tied to one caller's signal: others wait for the same look. */
  function pick(): Promise<Engine | undefined> {
    if (last && Math.abs(nowMs() - last.atMs) < FRESH_MS) return Promise.resolve(last.engine);
    looking ??= look()
      .then((engine) => {
        last = { engine, atMs: nowMs() };
        return engine;
      })
      .finally(() => (looking = undefined));
    return looking;
  }

  return {
    async status(signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return engine ? engine.status(signal) : NOTHING;
    },
    async models(signal) {
      const engine = await pick();
      signal.throwIfAborted();
      return engine ? engine.models(signal) : [];
    },
    async *chat(chat: EngineChat, signal: AbortSignal) {
      const engine = await pick();
      signal.throwIfAborted();
      if (!engine) throw new GridError('engine_model_not_found', NOTHING.problem);
      try {
        yield* engine.chat(chat, signal);
      } catch (error) {
        // It may be gone: the next one looks before it asks.
        if (!signal.aborted) last = undefined;
        throw error;
      }
    },
    async close() {
      await Promise.all(candidates.map((candidate) => candidate.close()));
    },
  };
}
