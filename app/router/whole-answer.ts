import type { Chunk } from './answer-meter.ts';

interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
}

/** Puts the chunks of a stream together as the answer that a client gets who asked for no stream. */
export class WholeAnswer {
  private content = '';
  private reasoning = '';
  private readonly toolCalls: ToolCall[] = [];

  add(chunk: Chunk): void {
    for (const { delta } of chunk.choices) {
      this.content += delta?.content ?? '';
      this.reasoning += delta?.reasoning_content ?? delta?.reasoning ?? '';
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

  json(head: {
    id: string;
    model: string;
    createdSeconds: number;
    finishReason: string;
    usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  }): object {
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
            content: this.content === '' && toolCalls.length > 0 ? null : this.content,
            refusal: null,
            ...(this.reasoning ? { reasoning_content: this.reasoning } : {}),
            ...(toolCalls.length > 0 ? { tool_calls: toolCalls } : {}),
          },
          logprobs: null,
          finish_reason: head.finishReason,
        },
      ],
      ...(head.usage
        ? { usage: { ...head.usage, total_tokens: head.usage.prompt_tokens + head.usage.completion_tokens } }
        : {}),
    };
  }
}
