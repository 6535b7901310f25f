import { randomInt } from 'node:crypto';
import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { GridError } from '../../protocol/errors.ts';
import type { Engine, EngineChat, EngineEvent, EngineModel } from '../engine.ts';
import { readGgufHeader, type GgufHeader } from './gguf-header.ts';
import { createLlamaHost } from './llama-host-handle.ts';
import { forkLlamaHost, type SpawnLlamaHost } from './llama-process.ts';
import { toLlamaChat } from './to-llama-chat.ts';

export interface BuiltinOptions {
  readonly engineName: 'builtin' | 'sample';
  readonly modelPath: string;
  readonly modelName: string;
  readonly ownUseOnly: boolean;
  /** for requests that name none; 0 is greedy */
  readonly defaultTemperature?: number;
  /** How long llama.cpp stays loaded without work. */
  readonly idleMs?: number;
  readonly spawnHost?: SpawnLlamaHost;
  readonly newSeed?: () => number;
  readonly newToolCallId?: () => string;
}

const IDLE_MS = 5 * 60_000;
const DEFAULT_TEMPERATURE = 0.7;
const SEEDS = 2 ** 32;

/** llama.cpp in a process of its own, started by the first chat. */
export function createBuiltinEngine(options: BuiltinOptions): Engine {
  const { engineName, modelPath, modelName, ownUseOnly, defaultTemperature = DEFAULT_TEMPERATURE } = options;
  const newToolCallId = options.newToolCallId ?? (() => `call_${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`);
  const newSeed = options.newSeed ?? (() => randomInt(SEEDS));
  const host = createLlamaHost({
    config: { modelPath, dropsWhatDoesNotFit: engineName === 'sample' },
    spawnHost: options.spawnHost ?? forkLlamaHost,
    idleMs: options.idleMs ?? IDLE_MS,
  });

  /** Read once for each state of the file: it is megabytes. */
  let header: { state: string; read: Promise<GgufHeader> } | undefined;
  function headerOf({ mtimeMs, size }: Stats): Promise<GgufHeader> {
    const state = `${mtimeMs} ${size}`;
    if (header?.state !== state)
      header = { state, read: readGgufHeader(modelPath).catch((): GgufHeader => ({ capabilities: [] })) };
    return header.read;
  }

  async function models(): Promise<EngineModel[]> {
    const file = await stat(modelPath).catch(() => undefined);
    if (!file?.isFile()) return [];
    const known = await headerOf(file);
    return [{ name: modelName, sizeBytes: file.size, ...known, loaded: host.isRunning(), ownUseOnly }];
  }

  async function* chat(asked: EngineChat, signal: AbortSignal): AsyncGenerator<EngineEvent> {
    signal.throwIfAborted();
    const file = await stat(modelPath).catch(() => undefined);
    if (asked.request.model !== modelName || !file?.isFile())
      throw new GridError('engine_model_not_found', `The built-in engine does not have '${asked.request.model}'.`);
    const { capabilities } = await headerOf(file);
    const knowsTools = capabilities.includes('tools');
    const message = toLlamaChat(asked, { temperature: defaultTemperature, seed: newSeed(), knowsTools });
    let calls = 0;
    for await (const answer of host.ask(message, signal)) {
      if (answer.type === 'delta')
        yield { type: 'delta', delta: answer.isReasoning ? { reasoning: answer.text } : { content: answer.text } };
      else if (answer.type === 'call') {
        const { name, arguments: args } = answer;
        yield { type: 'delta', delta: { toolCalls: [{ index: calls, id: newToolCallId(), name, arguments: args }] } };
        calls += 1;
      } else {
        const { reason, inputTokens, cachedTokens, outputTokens } = answer;
        yield { type: 'finish', reason, usage: { inputTokens, cachedTokens, outputTokens, estimated: false } };
      }
    }
  }

  return {
    async status(signal) {
      signal.throwIfAborted();
      const found = (await stat(modelPath).catch(() => undefined))?.isFile() === true;
      const known = { engine: engineName, where: 'inside Lobstah', reachable: found };
      return found ? known : { ...known, problem: `The file of the model '${modelName}' is missing.` };
    },
    models,
    chat,
    unload: () => host.rest(),
    close: () => host.close(),
  };
}
