import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine, EngineChat, EngineEvent, EngineModel } from '../engine.ts';

export interface Script {
  readonly models?: readonly Partial<EngineModel>[];
  readonly tokens?: readonly string[];
  readonly tokenDelayMs?: number;
  /** thrown after so many tokens */
  readonly failAfter?: { readonly tokens: number; readonly error: Error };
  /** says nothing more after so many tokens, until it is aborted */
  readonly hangAfter?: number;
}

/** An engine for tests that says what it is told to, and remembers what it was asked. */
export interface ScriptedEngine extends Engine {
  readonly asked: EngineChat[];
  /** how many chats were ended by their signal */
  aborted: number;
  script: Script;
}

export function createScriptedEngine(script: Script = {}): ScriptedEngine {
  const asked: EngineChat[] = [];
  const engine: ScriptedEngine = {
    asked,
    aborted: 0,
    script,
    status: () => Promise.resolve({ engine: 'ollama', reachable: true, where: 'a test' }),
    models: () =>
      Promise.resolve(
        (engine.script.models ?? [{ name: 'm' }]).map((model) => ({
          name: 'm',
          capabilities: [],
          loaded: true,
          ownUseOnly: false,
          ...model,
        })),
      ),
    async *chat(chat, signal): AsyncGenerator<EngineEvent> {
      asked.push(chat);
      const { tokens = ['Hel', 'lo'], tokenDelayMs = 0, failAfter, hangAfter } = engine.script;
      try {
        for (const [index, content] of tokens.entries()) {
          if (tokenDelayMs > 0) await sleep(tokenDelayMs, undefined, { signal });
          if (hangAfter === index) await sleep(2 ** 31 - 1, undefined, { signal });
          signal.throwIfAborted();
          if (failAfter?.tokens === index) throw failAfter.error;
          yield { type: 'delta', delta: { content } };
        }
      } catch (error) {
        if (!signal.aborted) throw error;
        engine.aborted += 1;
        throw signal.reason;
      }
      yield {
        type: 'finish',
        reason: 'stop',
        usage: { inputTokens: 7, outputTokens: tokens.length, estimated: false },
      };
    },
    async embed({ inputs }, signal) {
      const { tokenDelayMs = 0, failAfter } = engine.script;
      if (tokenDelayMs > 0) await sleep(tokenDelayMs, undefined, { signal });
      if (failAfter) throw failAfter.error;
      return { vectors: inputs.map((text) => [text.length, 0.5]), inputTokens: inputs.length * 3 };
    },
    close: () => Promise.resolve(),
  };
  return engine;
}
