import { availableParallelism, loadavg, totalmem } from 'node:os';
import type { LlamaChat, LlamaContext, LlamaModel, Token } from 'node-llama-cpp';
import { pickContextSize } from '../context-size.ts';
import { pickSlot } from './pick-slot.ts';
import { pickThreads } from './pick-threads.ts';

interface Slot {
  readonly context: LlamaContext;
  readonly chat: LlamaChat;
  lastUse: number;
}

/** Of this machine's memory, what contexts beside the first may fill: weights and the owner's programs need the rest. */
const SHARE_FOR_MORE = 1 / 16;

/**
 * The contexts of a model. What was read stays there, so the next turn of a conversation reads only what is new; a few of them,
 * so that a short question in between does not cost a long conversation its beginning.
 */
export interface LlamaSlots {
  /** A chat in a context that holds so many tokens, with as much of the prompt as was kept. */
  chatFor(prompt: readonly Token[], neededTokens: number): Promise<LlamaChat>;
  /** tokens generated since the process began */
  outputTokens(): number;
}

export function createLlamaSlots(deps: {
  readonly model: LlamaModel;
  readonly modelBytes: number;
  readonly newChat: (context: LlamaContext) => LlamaChat;
}): LlamaSlots {
  const { model, modelBytes } = deps;
  const slots: Slot[] = [];
  let uses = 0;
  let earlierOutputTokens = 0;

  async function open(contextSize: number): Promise<Slot> {
    const threads = pickThreads({ modelBytes, cores: availableParallelism(), loadAverage: loadavg()[0] ?? 0 });
    const context = await model.createContext({ contextSize, threads, sequences: 1 });
    const slot = { context, chat: deps.newChat(context), lastUse: uses };
    slots.push(slot);
    return slot;
  }

  async function drop(slot: Slot): Promise<void> {
    slots.splice(slots.indexOf(slot), 1);
    earlierOutputTokens += slot.chat.sequence.tokenMeter.usedOutputTokens;
    await slot.context.dispose();
  }

  const sizeFor = (neededTokens: number, loadedTokens?: number) =>
    pickContextSize({ neededTokens, modelTokens: model.trainContextSize, loadedTokens });

  /** Judged by what the tokens take that are kept: llama.cpp counts only those in the size of its state. */
  function mayAdd(neededTokens: number): boolean {
    const bytes = slots.reduce((sum, { context }) => sum + context.stateSize, 0);
    const kept = slots.reduce((sum, { chat }) => sum + chat.sequence.contextTokens.length, 0);
    if (kept === 0) return true;
    const bytesPerToken = bytes / kept;
    const beside = slots.slice(1).reduce((sum, { context }) => sum + context.contextSize, sizeFor(neededTokens));
    return beside * bytesPerToken <= totalmem() * SHARE_FOR_MORE;
  }

  async function slotFor(prompt: readonly Token[], neededTokens: number): Promise<Slot> {
    const states = slots.map(({ chat, lastUse }) => {
      const kept = chat.sequence.contextTokens;
      return { kept: kept.length, shared: sharedLength(kept, prompt), lastUse };
    });
    const picked = pickSlot(states, mayAdd(neededTokens));
    if (picked === 'new') {
      try {
        return await open(sizeFor(neededTokens));
      } catch (error) {
        // No room beside the others: in place of the one that was not used for longest.
        const [oldest] = slots.toSorted((a, b) => a.lastUse - b.lastUse);
        if (!oldest) throw error;
        await drop(oldest);
        return open(sizeFor(neededTokens, oldest.context.contextSize));
      }
    }
    const slot = slots[picked]!;
    const contextSize = sizeFor(neededTokens, slot.context.contextSize);
    if (slot.context.contextSize >= contextSize) return slot;
    await drop(slot);
    return open(contextSize);
  }

  return {
    async chatFor(prompt, neededTokens) {
      const slot = await slotFor(prompt, neededTokens);
      slot.lastUse = ++uses;
      return slot.chat;
    },
    outputTokens: () =>
      slots.reduce((sum, { chat }) => sum + chat.sequence.tokenMeter.usedOutputTokens, earlierOutputTokens),
  };
}

function sharedLength(a: readonly Token[], b: readonly Token[]): number {
  let length = 0;
  while (length < a.length && length < b.length && a[length] === b[length]) length += 1;
  return length;
}
