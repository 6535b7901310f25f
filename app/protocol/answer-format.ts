import type { ChatDelta, FinishReason, TokenLogprob, Usage } from './chat.ts';

/** OpenAI's shapes of an answer, chunk by chunk or whole. The head of a chunk is built once: only its delta changes. */
export interface AnswerFormat {
  readonly id: string;
  role(): string;
  delta(delta: ChatDelta): string;
  finish(reason: FinishReason): string;
  usage(usage: Usage): string;
  /** @param usage undefined where nobody counted */
  whole(answer: WholeAnswer, usage: Usage | undefined): object;
}

export interface WholeAnswer {
  content: string;
  reasoning: string;
  toolCalls: { id: string; name: string; arguments: string }[];
  logprobs: TokenLogprob[];
  reason: FinishReason;
}

export const DONE = 'data: [DONE]\n\n';

export function createAnswerFormat(id: string, model: string, createdSeconds: number): AnswerFormat {
  const head = `data: {"id":${JSON.stringify(id)},"object":"chat.completion.chunk","created":${createdSeconds},"model":${JSON.stringify(model)},"choices":`;
  const chunk = (delta: string, reason: string | null, logprobs = '') =>
    `${head}[{"index":0,"delta":${delta},${logprobs}"finish_reason":${JSON.stringify(reason)}}]}\n\n`;
  return {
    id,
    role: () => chunk('{"role":"assistant","content":""}', null),
    delta: (delta) => chunk(deltaJson(delta), null, delta.logprobs && logprobsJson(delta.logprobs)),
    finish: (reason) => chunk('{}', reason),
    usage: (usage) => `${head}[],"usage":${JSON.stringify(usageJson(usage))}}\n\n`,
    whole: (answer, usage) => ({
      id,
      object: 'chat.completion',
      created: createdSeconds,
      model,
      choices: [
        {
          index: 0,
          message: {
            role: 'assistant',
            content: answer.content === '' && answer.toolCalls.length > 0 ? null : answer.content,
            refusal: null,
            ...(answer.reasoning ? { reasoning_content: answer.reasoning } : {}),
            ...(answer.toolCalls.length > 0
              ? {
                  tool_calls: answer.toolCalls.map((call) => ({
                    id: call.id,
                    type: 'function',
                    function: { name: call.name, arguments: call.arguments },
                  })),
                }
              : {}),
          },
          logprobs: answer.logprobs.length > 0 ? { content: answer.logprobs, refusal: null } : null,
          finish_reason: answer.reason,
        },
      ],
      ...(usage ? { usage: usageJson(usage) } : {}),
    }),
  };
}

function deltaJson(delta: ChatDelta): string {
  const members: string[] = [];
  if (delta.content !== undefined) members.push(`"content":${JSON.stringify(delta.content)}`);
  if (delta.reasoning !== undefined) members.push(`"reasoning_content":${JSON.stringify(delta.reasoning)}`);
  if (delta.toolCalls)
    members.push(
      `"tool_calls":${JSON.stringify(
        delta.toolCalls.map(({ index, id, name, arguments: args }) => ({
          index,
          ...(id === undefined ? {} : { id, type: 'function' }),
          function: { ...(name === undefined ? {} : { name }), arguments: args },
        })),
      )}`,
    );
  return `{${members.join(',')}}`;
}

const logprobsJson = (content: readonly TokenLogprob[]) => `"logprobs":${JSON.stringify({ content, refusal: null })},`;

/** What is collected for a client that asked for no stream. */
export function addDelta(answer: WholeAnswer, delta: ChatDelta): void {
  answer.content += delta.content ?? '';
  answer.reasoning += delta.reasoning ?? '';
  answer.logprobs.push(...(delta.logprobs ?? []));
  for (const part of delta.toolCalls ?? []) {
    const call = (answer.toolCalls[part.index] ??= { id: '', name: '', arguments: '' });
    call.id ||= part.id ?? '';
    call.name ||= part.name ?? '';
    call.arguments += part.arguments;
  }
}

function usageJson(usage: Usage): object {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    ...(usage.cachedTokens === undefined ? {} : { prompt_tokens_details: { cached_tokens: usage.cachedTokens } }),
  };
}
