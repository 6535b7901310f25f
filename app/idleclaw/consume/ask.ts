import { request, type Dispatcher } from 'undici';
import { dataOf, SseSplitter } from '../../http/sse.ts';
import { GridError } from '../../protocol/errors.ts';
import { IN_BAND_ERROR, LIMITS, sseChunkSchema, type ChatBody, type SseDelta } from '../frames.ts';
import { retryAfterMs } from '../retry-after.ts';
import { serverName } from '../server-url.ts';
import { fitBody } from './fit.ts';

/** A server sends a comment every 15 s; one that is silent for three of them is gone. */
const STALL_MS = 3 * LIMITS.keepAliveMs;
const MAX_ERROR_BYTES = 64 * 1024;

/** How a server is dialled; without one, as Node's fetch would. */
export interface Dial {
  readonly dispatcher?: Dispatcher | undefined;
}

/**
 * Asks an IdleClaw server and yields the answer as it comes. Nothing is signed, counted or paid.
 * @throws GridError idleclaw_unfit before anything is sent; idleclaw_unreachable, idleclaw_busy, idleclaw_failed
 */
export async function* askIdleClaw(
  server: string,
  body: ChatBody,
  dial: Dial,
  signal: AbortSignal,
): AsyncGenerator<SseDelta> {
  const fitting = fitBody(body);
  if (typeof fitting === 'string') throw new GridError('idleclaw_unfit', `It was not sent: ${fitting}.`);
  const response = await post(server, fitting, dial, signal);
  if (response.statusCode !== 200) throw await refusalOf(server, response);
  yield* readAnswer(server, deltasOf(server, response.body, signal));
}

async function post(server: string, body: ChatBody, dial: Dial, signal: AbortSignal): Promise<Dispatcher.ResponseData> {
  try {
    return await request(`${server}/api/chat`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'text/event-stream' },
      body: JSON.stringify(body),
      headersTimeout: STALL_MS,
      bodyTimeout: STALL_MS,
      signal,
      ...(dial.dispatcher ? { dispatcher: dial.dispatcher } : {}),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw unreachable(server, error);
  }
}

const END = Symbol('[DONE]');

async function* deltasOf(
  server: string,
  body: Dispatcher.ResponseData['body'],
  signal: AbortSignal,
): AsyncGenerator<SseDelta | typeof END> {
  const splitter = new SseSplitter();
  try {
    for await (const bytes of body) {
      for (const event of splitter.push(bytes as Buffer)) {
        const data = dataOf(event);
        if (data === undefined) continue; // a comment that keeps the connection alive
        if (data === '[DONE]') yield END;
        else for (const { delta } of parseChunk(server, data).choices) yield delta;
      }
    }
  } catch (error) {
    signal.throwIfAborted();
    throw error instanceof GridError ? error : lost(server, error);
  }
}

/**
 * Errors come as content inside a 200, as the last words before [DONE]. A delta that looks like one is held back until it is
 * known whether it was the last: a model may write these words, too.
 */
async function* readAnswer(server: string, deltas: AsyncIterable<SseDelta | typeof END>): AsyncGenerator<SseDelta> {
  let held: SseDelta | undefined;
  for await (const delta of deltas) {
    if (delta === END) {
      if (held) throw inBandError(server, held);
      return;
    }
    if (held) yield held;
    held = undefined;
    if (delta.reasoning !== true && IN_BAND_ERROR.test(delta.content ?? '')) held = delta;
    else yield delta;
  }
  // It ended without [DONE]: an error it named is better than 'lost'.
  throw held ? inBandError(server, held) : lost(server);
}

function inBandError(server: string, { content = '' }: SseDelta): GridError {
  const said = IN_BAND_ERROR.exec(content)?.[1]?.trim().slice(0, 200) ?? '';
  return new GridError('idleclaw_failed', `${serverName(server)} says: ${said}.`.replace(/\.\.$/, '.'));
}

function parseChunk(server: string, data: string) {
  try {
    return sseChunkSchema.parse(JSON.parse(data));
  } catch (cause) {
    throw new GridError('idleclaw_failed', `${serverName(server)} sent something that is no part of an answer.`, {
      cause,
    });
  }
}

function lost(server: string, cause?: unknown): GridError {
  const message = `The answer of ${serverName(server)} broke off before its end.`;
  return new GridError('idleclaw_failed', message, cause === undefined ? {} : { cause });
}

export function unreachable(server: string, cause: unknown): GridError {
  return new GridError('idleclaw_unreachable', `The IdleClaw server ${serverName(server)} does not answer.`, { cause });
}

/** What a status that is not 200 means, for whatever of the server was asked. */
export async function refusalOf(
  server: string,
  { statusCode, headers, body }: Dispatcher.ResponseData,
): Promise<GridError> {
  const name = serverName(server);
  const said = detailOf(await readStart(body));
  if (statusCode === 429) {
    const afterMs = retryAfterMs(headers['retry-after']);
    const when = afterMs === undefined ? 'in a minute' : inWords(afterMs);
    return new GridError('idleclaw_busy', `${name} allows only so many requests. It takes the next one ${when}.`, {
      details: afterMs === undefined ? {} : { retryAfterSeconds: afterMs / 1000 },
    });
  }
  if (statusCode === 422) return new GridError('idleclaw_unfit', `${name} refuses the request${said}.`);
  return new GridError('idleclaw_failed', `${name} answered with status ${statusCode}${said}.`);
}

function inWords(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1000));
  if (seconds < 90) return seconds === 1 ? 'in a second' : `in ${seconds} seconds`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

/** FastAPI's {"detail": "…"} or {"detail": [{"msg": "…"}]} */
function detailOf(text: string): string {
  try {
    const { detail } = JSON.parse(text) as { detail?: string | { msg?: string }[] };
    const sentence = typeof detail === 'string' ? detail : detail?.[0]?.msg;
    return sentence ? ` (${sentence.slice(0, 200)})` : '';
  } catch {
    return '';
  }
}

async function readStart(body: Dispatcher.ResponseData['body']): Promise<string> {
  let text = '';
  try {
    for await (const part of body) {
      text += String(part);
      if (text.length > MAX_ERROR_BYTES) break;
    }
  } catch {
    // Whatever came is enough for a sentence.
  }
  return text;
}
