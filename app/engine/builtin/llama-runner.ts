import { statSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import type { Llama, ChatHistoryItem, LlamaContext, LlamaGrammar, LlamaModel } from 'node-llama-cpp';
import { GridError } from '../../protocol/errors.ts';
import { pickContextSize } from '../context-size.ts';
import { fitConversation } from './fit-conversation.ts';
import type { LlamaChatMessage, LlamaHostConfig, LlamaTurn } from './llama-messages.ts';
import { pickThreads } from './pick-threads.ts';

export interface RunnerAnswer {
  readonly reason: 'stop' | 'length';
  readonly inputTokens: number;
  readonly outputTokens: number;
}

export interface LlamaRunner {
  /** One at a time. Throws the signal's reason when aborted. */
  run(
    chat: LlamaChatMessage,
    onText: (text: string, isReasoning: boolean) => void,
    signal: AbortSignal,
  ): Promise<RunnerAnswer>;
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

  const tokensOf = (turns: readonly LlamaTurn[]) =>
    wrapper.generateContextState({ chatHistory: toHistory(turns) }).contextText.tokenize(model.tokenizer).length;

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
    async run(asked, onText, signal) {
      const grammar = await grammarFor(asked, llama);
      const turns = config.dropsWhatDoesNotFit ? fitConversation(asked.turns, COMFORT_TOKENS, tokensOf) : asked.turns;
      refuseHopeless(turns, model);
      const inputTokens = tokensOf(turns);
      const place = model.trainContextSize - SPARE_TOKENS - inputTokens;
      if (place < 1)
        throw new GridError(
          'context_exceeded',
          `The prompt has ${inputTokens} tokens, the context of this model ${model.trainContextSize}.`,
        );
      const maxTokens = Math.min(asked.maxOutputTokens, place);
      const llamaChat = await chatWith(inputTokens + maxTokens + SPARE_TOKENS);
      const before = outputTokens();
      const { metadata } = await llamaChat.generateResponse(toHistory(turns), {
        signal,
        maxTokens,
        temperature: asked.temperature,
        ...(asked.topP === undefined ? {} : { topP: asked.topP }),
        seed: asked.seed,
        // On by default in node-llama-cpp; the request did not ask for it, and it changes greedy answers.
        repeatPenalty: false,
        customStopTriggers: asked.stop,
        ...(grammar ? { grammar } : {}),
        ...(asked.thinks ? {} : { budgets: { thoughtTokens: 0 } }),
        onResponseChunk: ({ text, type }) => {
          if (text) onText(text, type === 'segment');
        },
      });
      signal.throwIfAborted();
      return {
        reason: metadata.stopReason === 'maxTokens' ? 'length' : 'stop',
        inputTokens,
        outputTokens: outputTokens() - before,
      };
    },
  };
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

function toHistory(turns: readonly LlamaTurn[]): ChatHistoryItem[] {
  const history: ChatHistoryItem[] = turns.map(({ role, text }) =>
    role === 'assistant' ? { type: 'model', response: [text] } : { type: role, text },
  );
  // A conversation that ends with the assistant is an answer to be continued.
  if (turns.at(-1)?.role !== 'assistant') history.push({ type: 'model', response: [] });
  return history;
}

async function grammarFor({ format }: LlamaChatMessage, llama: Llama): Promise<LlamaGrammar | undefined> {
  if (format === undefined) return undefined;
  if (format === 'json') return llama.getGrammarFor('json');
  try {
    return await llama.createGrammarForJsonSchema(format as Parameters<typeof llama.createGrammarForJsonSchema>[0]);
  } catch (error) {
    throw new GridError('engine_refused', 'The built-in engine cannot hold an answer to this JSON schema.', {
      cause: error,
    });
  }
}
