import type { Chunk } from './answer-chunk.ts';
import type { AnswerListener } from './answer-reader.ts';

interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Puts the chunks of a stream together as the answer that a client gets who asked for no stream. */
export class WholeAnswer implements AnswerListener {
  /** latin1, a byte a character: a text may be cut inside a letter, and is read as UTF-8 when it is whole */
  private content = '';
  private reasoning = '';
  private readonly toolCalls: ToolCall[] = [];
  private readonly logprobs: unknown[] = [];

  text(latin1: string): void {
    this.content += latin1;
  }

  chunk(chunk: Chunk): void {
    for (const { delta, logprobs } of chunk.choices) {
      if (delta?.content) this.content += Buffer.from(delta.content).toString('latin1');
      this.reasoning += delta?.reasoning_content ?? delta?.reasoning ?? '';
      const tokens = (logprobs as { content?: unknown } | null | undefined)?.content;
      if (Array.isArray(tokens)) this.logprobs.push(...(tokens as unknown[]));
      for (const part of delta?.tool_calls ?? []) {
        const call = (this.toolCalls[part.index] ??= {
          id: '',
          type: 'function',
          function: { name: '', arguments: '' },
        });
        call.id ||= part.id ?? '';
        call.function.name += part.function?.name ?? '';
        call.function.arguments += part.function?.arguments ?? '';
      }
    }
  }

  get said(): string {
    return Buffer.from(this.content, 'latin1').toString('utf8');
  }

  json(head: {
    id: string;
    model: string;
    createdSeconds: number;
    finishReason: string;
    usage:
      | { prompt_tokens: number; completion_tokens: number; prompt_tokens_details?: object | null | undefined }
      | undefined;
  }): object {
    const content = this.said;
    const toolCalls = this.toolCalls.filter((call) => call !== undefined);
    return {
      id: head.id,
      object: 'chat.completion',
      created: head.createdSeconds,
      model: head.model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: content === '' && toolCalls.length > 0 ? null : content,
            refusal: null,
            ...(this.reasoning ? { reasoning_content: this.reasoning } : {}),
            ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
          },
          logprobs: this.logprobs.length > 0 ? { content: this.logprobs } : null,
          finish_reason: head.finishReason,
        },
      ],
      ...(head.usage
        ? { usage: { ...head.usage, total_tokens: head.usage.prompt_tokens + head.usage.completion_tokens } }
        : {}),
    };
  }
}
