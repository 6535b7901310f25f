import { statSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { ChatModelFunctions, Llama, LlamaContext, LlamaGrammar, LlamaModel } from 'node-llama-cpp';
import { z } from 'zod';
import { GridError } from '../../protocol/errors.ts';
import { pickContextSize } from '../context-size.ts';
import { fitConversation } from './fit-conversation.ts';
import { forcedCallPrompt, forcedCallSchema, toHistory, withSystemText } from './llama-history.ts';
import type { LlamaChatMessage, LlamaHostConfig, LlamaTool, LlamaTurn } from './llama-messages.ts';
import { pickThreads } from './pick-threads.ts';

export interface RunnerAnswer {
  readonly reason: 'stop' | 'length' | 'tool_calls';
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** Where an answer goes while it is made. */
export interface RunnerOutput {
  text(text: string, isReasoning: boolean): void;
  /** @param args JSON */
  call(name: string, args: string): void;
}

export interface LlamaRunner {
  /** One at a time. Throws the signal's reason when aborted. */
  run(chat: LlamaChatMessage, output: RunnerOutput, signal: AbortSignal): Promise<RunnerAnswer>;
  /** tokens generated since the process began */
  outputTokens(): number;
}

/** The sample model speaks best about this much (it was trained on up to 188 tokens, answer included). */
const COMFORT_TOKENS = 120;
/** llama.cpp keeps one place free; an answer that reaches it would make node-llama-cpp forget the start of the prompt. */
const SPARE_TOKENS = 2;

/** Loads the model. Nothing is built or downloaded, so nothing is ever written into node_modules. */
export async function openLlamaRunner(config: LlamaHostConfig): Promise<LlamaRunner> {
  const { getLlama, LlamaChat, LlamaLogLevel, resolveChatWrapper } = await import('node-llama-cpp');
  const llama = await getLlama({
    gpu: process.platform === 'darwin' ? 'auto' : false,
    build: 'never',
    skipDownload: true,
    progressLogs: false,
    logLevel: LlamaLogLevel.error,
  });
  const model = await llama.loadModel({ modelPath: config.modelPath });
  const wrapper = resolveChatWrapper(model);
  const modelBytes = statSync(config.modelPath).size;
  let context: LlamaContext | undefined;
  let chat: InstanceType<typeof LlamaChat> | undefined;
  let earlierOutputTokens = 0;

  const tokensOf = (turns: readonly LlamaTurn[], functions?: ChatModelFunctions) =>
    wrapper
      .generateContextState({
        chatHistory: toHistory(turns),
        ...(functions ? { availableFunctions: functions, documentFunctionParams: true } : {}),
      })
      .contextText.tokenize(model.tokenizer).length;

  /** A context that holds so many tokens: the one there is, or a larger one in its place. */
  async function chatWith(neededTokens: number): Promise<InstanceType<typeof LlamaChat>> {
    const contextSize = pickContextSize({
      neededTokens,
      modelTokens: model.trainContextSize,
      loadedTokens: context?.contextSize,
    });
    if (chat && context && context.contextSize >= contextSize) return chat;
    earlierOutputTokens += chat?.sequence.tokenMeter.usedOutputTokens ?? 0;
    await context?.dispose();
    chat = undefined;
    const threads = pickThreads({ modelBytes, cores: availableParallelism(), loadAverage: loadavg()[0] ?? 0 });
    context = await model.createContext({ contextSize, threads, sequences: 1 });
    chat = new LlamaChat({ contextSequence: context.getSequence(), chatWrapper: wrapper });
    return chat;
  }

  const outputTokens = () => earlierOutputTokens + (chat?.sequence.tokenMeter.usedOutputTokens ?? 0);

  return {
    outputTokens,
    async run(asked, output, signal) {
      const forced = asked.tools?.forced ? asked.tools.list : undefined;
      const functions = asked.tools && !forced ? functionsOf(asked.tools.list) : undefined;
      const grammar = forced
        ? await grammarOf(forcedCallSchema(forced), llama)
        : asked.format && (await grammarOf(asked.format, llama));
      const turns = prepare(asked.turns, forced);
      refuseHopeless(turns, model);
      const inputTokens = tokensOf(turns, functions);
      const place = model.trainContextSize - SPARE_TOKENS - inputTokens;
      if (place < 1)
        throw new GridError(
          'context_exceeded',
          `The prompt has ${inputTokens} tokens, the context of this model ${model.trainContextSize}.`,
        );
      const maxTokens = Math.min(asked.maxOutputTokens, place);
      const llamaChat = await chatWith(inputTokens + maxTokens + SPARE_TOKENS);
      const before = outputTokens();
      let calls = 0;
      let forcedText = '';
      const held = functions
        ? {
            functions,
            documentFunctionParams: true,
            ...(asked.tools?.parallel === false ? { maxParallelFunctionCalls: 1 } : {}),
            onFunctionCall: ({ functionName, params }: { functionName: string; params: unknown }) => {
              calls += 1;
              output.call(functionName, JSON.stringify(params ?? {}));
            },
          }
        : grammar
          ? { grammar }
          : {};
      const { metadata } = await llamaChat.generateResponse(toHistory(turns), {
        signal,
        maxTokens,
        temperature: asked.temperature,
        ...(asked.topP === undefined ? {} : { topP: asked.topP }),
        seed: asked.seed,
        // On by default in node-llama-cpp; the request did not ask for it, and it changes greedy answers.
        repeatPenalty: false,
        customStopTriggers: forced ? [] : asked.stop,
        ...held,
        ...(asked.thinks ? {} : { budgets: { thoughtTokens: 0 } }),
        onResponseChunk: ({ text, type }) => {
          if (!text) return;
          if (forced) forcedText += text;
          else output.text(text, type === 'segment');
        },
      });
      signal.throwIfAborted();
      const call = forced && parseForcedCall(forcedText);
      if (call) {
        calls += 1;
        output.call(call.name, JSON.stringify(call.arguments));
      }
      return {
        // A forced call that was cut at the cap is no call.
        reason: calls > 0 ? 'tool_calls' : metadata.stopReason === 'maxTokens' || forced ? 'length' : 'stop',
        inputTokens,
        outputTokens: outputTokens() - before,
      };
    },
  };

  function prepare(turns: readonly LlamaTurn[], forced: readonly LlamaTool[] | undefined): readonly LlamaTurn[] {
    // The sample model gets what it can make sense of, which instructions are not.
    if (config.dropsWhatDoesNotFit) return fitConversation(turns, COMFORT_TOKENS, tokensOf);
    return forced ? withSystemText(turns, forcedCallPrompt(forced)) : turns;
  }
}

/** Tokenizing megabytes takes seconds; no text has more than 16 characters a token on average. */
function refuseHopeless(turns: readonly LlamaTurn[], model: LlamaModel): void {
  const characters = turns.reduce((sum, turn) => sum + turn.text.length, 0);
  if (characters <= model.trainContextSize * 16) return;
  throw new GridError(
    'context_exceeded',
    `The prompt has ${characters} characters, the context of this model ${model.trainContextSize} tokens.`,
  );
}

function functionsOf(tools: readonly LlamaTool[]): ChatModelFunctions {
  return Object.fromEntries(
    tools.map(({ name, description, params }) => [
      name,
      { ...(description ? { description } : {}), ...(params ? { params: params as never } : {}) },
    ]),
  );
}

const forcedCallResult = z.object({ name: z.string(), arguments: z.record(z.string(), z.unknown()) });

function parseForcedCall(text: string): z.infer<typeof forcedCallResult> | undefined {
  try {
    return forcedCallResult.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function grammarOf(format: 'json' | object, llama: Llama): Promise<LlamaGrammar> {
  if (format === 'json') return llama.getGrammarFor('json');
  try {
    return await llama.createGrammarForJsonSchema(format as Parameters<typeof llama.createGrammarForJsonSchema>[0]);
  } catch (error) {
    throw new GridError('engine_refused', 'The built-in engine cannot hold an answer to this JSON schema.', {
      cause: error,
    });
  }
}
