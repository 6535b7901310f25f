import { request } from 'undici';
import { dataOf, SseSplitter } from '../http/sse.ts';
import { ERRORS, GridError, isGridErrorCode } from '../protocol/errors.ts';
import { JOB_HEADER, SOURCE_HEADER, WORKER_HEADER } from '../protocol/headers.ts';
import { z } from 'zod';

export interface RouterQuestion {
  /** http://127.0.0.1:17475 */
  readonly routerUrl: string;
  /** whatever is best when undefined */
  readonly model: string | undefined;
  readonly messages: readonly { role: 'system' | 'user' | 'assistant'; content: string }[];
  readonly maxTokens?: number | undefined;
  /** of a router that wants one */
  readonly apiKey?: string | undefined;
}

export interface RouterDelta {
  readonly text: string;
  readonly reasoning: boolean;
}

export interface RouterDone {
  readonly jobId: string | undefined;
  readonly workerPubkey: string | undefined;
  /** set when the answer came from outside the grid, and from where */
  readonly source: string | undefined;
  readonly model: string;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly tokensPerSecond: number | undefined;
  readonly firstTokenMs: number | undefined;
}

const chunkSchema = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({
        delta: z.object({ content: z.string().nullish(), reasoning_content: z.string().nullish() }).optional(),
      }),
    )
    .default([]),
  usage: z.object({ prompt_tokens: z.number(), completion_tokens: z.number() }).nullish(),
  error: z.object({ message: z.string(), code: z.string().nullish() }).optional(),
});

/**
 * Asks a router as any client would, and yields the answer as it comes.
 * @throws GridError with the code the router gave; not_running when nothing listens
 */
export async function* askRouter(
  question: RouterQuestion,
  signal: AbortSignal,
): AsyncGenerator<RouterDelta, RouterDone> {
  const startedMs = performance.now();
  const response = await post(question, signal);
  const told = { ...response.headers };
  if (response.statusCode !== 200) throw errorOf(await response.body.text());
  let model = question.model ?? '';
  let usage: { prompt_tokens: number; completion_tokens: number } | undefined;
  let firstMs: number | undefined;
  let whole = false;
  const splitter = new SseSplitter();
  for await (const bytes of response.body) {
    for (const event of splitter.push(bytes as Buffer)) {
      const data = dataOf(event);
      if (data === undefined) {
        // Of an answer that was long in coming, what would have been a header.
        const [, name, value] = /^: (x-lobstah-[a-z]+): (.+)$/.exec(event.toString('latin1')) ?? [];
        if (name !== undefined) told[name] = value;
        continue;
      }
      if (data === '[DONE]') {
        whole = true;
        continue;
      }
      const chunk = chunkSchema.parse(JSON.parse(data));
      if (chunk.error) throw gridError(chunk.error.code, chunk.error.message);
      model = chunk.model ?? model;
      usage = chunk.usage ?? usage;
      for (const { delta } of chunk.choices) {
        if (delta?.content || delta?.reasoning_content) firstMs ??= performance.now();
        if (delta?.reasoning_content) yield { text: delta.reasoning_content, reasoning: true };
        if (delta?.content) yield { text: delta.content, reasoning: false };
      }
    }
  }
  if (!whole) throw new GridError('peer_lost');
  const seconds = firstMs === undefined ? 0 : (performance.now() - firstMs) / 1000;
  const outputTokens = usage?.completion_tokens ?? 0;
  return {
    jobId: headerText(told[JOB_HEADER]),
    workerPubkey: headerText(told[WORKER_HEADER]),
    source: headerText(told[SOURCE_HEADER]),
    model,
    inputTokens: usage?.prompt_tokens ?? 0,
    outputTokens,
    tokensPerSecond: seconds > 0 ? Math.round((outputTokens / seconds) * 10) / 10 : undefined,
    firstTokenMs: firstMs === undefined ? undefined : Math.round(firstMs - startedMs),
  };
}

async function post(question: RouterQuestion, signal: AbortSignal) {
  try {
    return await request(`${question.routerUrl}/v1/chat/completions`, {
      method: 'POST',
      signal,
      headersTimeout: 0,
      bodyTimeout: 0,
      headers: {
        'content-type': 'application/json',
        ...(question.apiKey === undefined ? {} : { authorization: `Bearer ${question.apiKey}` }),
      },
      body: JSON.stringify({
        model: question.model ?? 'lobstah/auto',
        messages: question.messages,
        stream: true,
        stream_options: { include_usage: true },
        ...(question.maxTokens === undefined ? {} : { max_tokens: question.maxTokens }),
      }),
    });
  } catch (error) {
    if ((error as { code?: string }).code === 'ECONNREFUSED')
      throw new GridError('not_running', `No router listens at ${question.routerUrl}.`, { cause: error });
    throw error;
  }
}

function headerText(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function errorOf(text: string): GridError {
  try {
    const parsed = z
      .object({ error: z.object({ message: z.string(), code: z.string().nullish() }) })
      .safeParse(JSON.parse(text));
    if (parsed.success) return gridError(parsed.data.error.code, parsed.data.error.message);
  } catch {
    // Not JSON: whatever listens there is no router.
  }
  return new GridError('peer_misbehaved', 'What listens at this address is not a Lobstah router.');
}

/** The router's message ends with the hint of its row, which a GridError brings by itself. */
function gridError(code: string | null | undefined, message: string): GridError {
  if (!isGridErrorCode(code)) return new GridError('peer_misbehaved', message);
  return new GridError(code, message.replace(ERRORS[code].hint, '').trim());
}
