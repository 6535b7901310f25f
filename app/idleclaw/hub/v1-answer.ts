import type { WholeAnswer } from '../../protocol/answer-format.ts';
import {
  estimateInputTokens,
  type ChatDelta,
  type ChatRequest,
  type FinishReason,
  type Usage,
} from '../../protocol/chat.ts';
import type { HubChunk } from './node-frames.ts';

/** OpenAI's rule of thumb for English. */
const CHARACTERS_PER_TOKEN = 4;

/** What a node says, chunk by chunk, in OpenAI's terms. */
export class V1Answer {
  readonly whole: WholeAnswer = { content: '', reasoning: '', toolCalls: [], logprobs: [], reason: 'stop' };
  characters = 0;
  private readonly chat: ChatRequest;
  private readonly randomUuid: () => string;
  private readonly onDelta: (delta: ChatDelta) => void;

  constructor(chat: ChatRequest, randomUuid: () => string, onDelta: (delta: ChatDelta) => void) {
    this.chat = chat;
    this.randomUuid = randomUuid;
    this.onDelta = onDelta;
  }

  get isEmpty(): boolean {
    return this.characters === 0 && this.whole.toolCalls.length === 0;
  }

  take({ content, thinking, toolCalls }: HubChunk): void {
    const calls = toolCalls.map((call, offset) => ({
      index: this.whole.toolCalls.length + offset,
      id: call.id ?? `call_${this.randomUuid()}`,
      name: call.function.name,
      arguments: JSON.stringify(call.function.arguments),
    }));
    this.whole.content += content;
    this.whole.reasoning += thinking;
    this.whole.toolCalls.push(...calls);
    for (const call of calls) this.characters += call.name.length + call.arguments.length;
    this.characters += content.length + thinking.length;
    if (content === '' && thinking === '' && calls.length === 0) return;
    this.onDelta({
      ...(content === '' ? {} : { content }),
      ...(thinking === '' ? {} : { reasoning: thinking }),
      ...(calls.length === 0 ? {} : { toolCalls: calls }),
    });
  }

  end(doneReason: string | undefined): void {
    if (this.whole.reason === 'length') return;
    this.whole.reason = doneReason === 'length' ? 'length' : this.whole.toolCalls.length > 0 ? 'tool_calls' : 'stop';
  }

  /** It was longer than anybody waits for. */
  cut(): void {
    this.whole.reason = 'length';
  }

  get finishReason(): FinishReason {
    return this.whole.reason;
  }

  /** Token counts never cross IdleClaw's wire, and a node may send several tokens in one chunk: both sides by their characters. */
  get usage(): Usage {
    const outputTokens = Math.ceil(this.characters / CHARACTERS_PER_TOKEN);
    return { inputTokens: estimateInputTokens(this.chat), outputTokens, estimated: true };
  }
}
