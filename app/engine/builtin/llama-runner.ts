import { statSync } from 'node:fs';
import type { ChatModelFunctions, Llama, LlamaGrammar, LlamaModel } from 'node-llama-cpp';
import { z } from 'zod';
import { GridError } from '../../protocol/errors.ts';
import { fitConversation } from './fit-conversation.ts';
import { forcedCallPrompt, forcedCallSchema, toHistory, withSystemText } from './llama-history.ts';
import { createLlamaSlots } from './llama-slots.ts';
import type { LlamaChatMessage, LlamaHostConfig, LlamaTool, LlamaTurn } from './llama-messages.ts';

export interface RunnerAnswer {
  readonly reason: 'stop' | 'length' | 'tool_calls';
  readonly inputTokens: number;
  /** of them, what was kept from before */
  readonly cachedTokens: number;
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
/** OpenAI's penalties count the whole answer; looking further back than this costs more than it changes. */
const PENALISED_TOKENS = 2048;

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
  const slots = createLlamaSlots({
    model,
    modelBytes: statSync(config.modelPath).size,
    newChat: (context) => new LlamaChat({ contextSequence: context.getSequence(), chatWrapper: wrapper }),
  });

  const promptOf = (turns: readonly LlamaTurn[], functions?: ChatModelFunctions) =>
    wrapper
      .generateContextState({
        chatHistory: toHistory(turns),
        ...(functions ? { availableFunctions: functions, documentFunctionParams: true } : {}),
      })
      .contextText.tokenize(model.tokenizer);

  return {
    outputTokens: slots.outputTokens,
    async run(asked, output, signal) {
      const forced = asked.tools?.forced ? asked.tools.list : undefined;
      const functions = asked.tools && !forced ? functionsOf(asked.tools.list) : undefined;
      const grammar = forced
        ? await grammarOf(forcedCallSchema(forced), llama)
        : asked.format && (await grammarOf(asked.format, llama));
      const turns = prepare(asked.turns, forced);
      refuseHopeless(turns, model);
      const prompt = promptOf(turns, functions);
      const inputTokens = prompt.length;
      const place = model.trainContextSize - SPARE_TOKENS - inputTokens;
      if (place < 1)
        throw new GridError(
          'context_exceeded',
          `The prompt has ${inputTokens} tokens, the context of this model ${model.trainContextSize}.`,
        );
      const maxTokens = Math.min(asked.maxOutputTokens, place);
      const llamaChat = await slots.chatFor(prompt, inputTokens + maxTokens + SPARE_TOKENS);
      const before = slots.outputTokens();
      const readBefore = llamaChat.sequence.tokenMeter.usedInputTokens;
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
        repeatPenalty: penaltyOf(asked),
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
        cachedTokens: Math.max(0, inputTokens - (llamaChat.sequence.tokenMeter.usedInputTokens - readBefore)),
        outputTokens: slots.outputTokens() - before,
      };
    },
  };

  function prepare(turns: readonly LlamaTurn[], forced: readonly LlamaTool[] | undefined): readonly LlamaTurn[] {
    // The sample model gets what it can make sense of, which instructions are not.
    if (config.dropsWhatDoesNotFit) return fitConversation(turns, COMFORT_TOKENS, (some) => promptOf(some).length);
    return forced ? withSystemText(turns, forcedCallPrompt(forced)) : turns;
  }
}

/** A penalty is on by default in node-llama-cpp; where the request did not ask for it, it would change greedy answers. */
function penaltyOf({ frequencyPenalty = 0, presencePenalty = 0 }: LlamaChatMessage) {
  if (frequencyPenalty === 0 && presencePenalty === 0) return false;
  return { penalty: 1, frequencyPenalty, presencePenalty, lastTokens: PENALISED_TOKENS };
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
