import type { Engine, EngineStatus } from '../../engine/engine.ts';
import { createOllama } from '../../engine/ollama.ts';
import { parseOllamaHost } from '../../engine/ollama-host.ts';
import { openEngineKeys } from '../engine-keys.ts';
import { openOwnEngine } from '../own-engine.ts';
import { openSettingsFile } from '../settings.ts';
import type { DoctorInput, Finding } from './finding.ts';

const LOOK_MS = 5_000;
const START: Readonly<Record<string, string>> = {
  builtin: 'Download a model, or install Ollama.',
  'openai-compatible': "Start it, or give its address and key: 'lobstah engine use openai --url URL --key-file FILE'.",
};
const PULL = "Pull one: 'ollama pull llama3.2'.";

/** What answers prompts on this machine, and when that is nothing much: why. */
export async function checkEngine({ env, home, grid }: DoctorInput): Promise<Finding> {
  const engine =
    grid?.engine ??
    openOwnEngine({
      env,
      home,
      settings: openSettingsFile(home.settingsFile),
      keys: openEngineKeys({ file: home.engineKeyFile, env }),
    });
  try {
    const status = await engine.status(AbortSignal.timeout(LOOK_MS));
    if (!status.reachable)
      return {
        code: 'engine_none',
        status: 'failed',
        message: status.problem ?? 'The engine does not answer.',
        hint: START[status.engine] ?? "Start it: 'ollama serve'.",
      };
    if (status.engine === 'sample') return await onlyTheSample(env);
    const models = await engine.models(AbortSignal.timeout(LOOK_MS));
    if (models.length === 0) return { ...withoutModels(status), status: 'failed' };
    return { message: `${whereOf(status)}: ${models.length === 1 ? '1 model' : `${models.length} models`}` };
  } finally {
    if (!grid) await engine.close();
  }
}

/** The sample steps in for an Ollama that is not there, and for one without models: its owner has to know which. */
async function onlyTheSample(env: DoctorInput['env']): Promise<Finding> {
  const ollama = createOllama({ baseUrl: parseOllamaHost(env['OLLAMA_HOST']) });
  try {
    const status = await statusOf(ollama);
    if (status?.reachable && (await ollama.models(AbortSignal.timeout(LOOK_MS))).length === 0)
      return { ...withoutModels(status), status: 'warning' };
  } finally {
    await ollama.close();
  }
  return {
    code: 'engine_none',
    status: 'warning',
    message: 'Only the sample model is there: it answers, but knows next to nothing.',
    hint: "Install Ollama and pull a model ('ollama pull llama3.2'); Lobstah notices by itself.",
  };
}

async function statusOf(engine: Engine): Promise<EngineStatus | undefined> {
  try {
    return await engine.status(AbortSignal.timeout(LOOK_MS));
  } catch {
    return undefined; // not there: that is what is being found out
  }
}

const withoutModels = (status: EngineStatus): Finding => ({
  code: 'engine_without_models',
  message: `${whereOf(status)} has no models.`,
  hint: status.engine === 'openai-compatible' ? 'Load one in the engine.' : PULL,
});

const whereOf = ({ engine, version, where }: EngineStatus) => `${engine}${version ? ` ${version}` : ''} at ${where}`;
