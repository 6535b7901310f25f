import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { notOllama, ollamaAnswerError, ollamaConnectionError } from './ollama-errors.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** An error is a sentence; more than this is not one. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface OllamaHttp {
  readonly baseUrl: string;
  get(path: string, signal: AbortSignal): Promise<unknown>;
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  /** The bytes of a streamed answer. Destroying them hangs up, which makes Ollama stop generating. */
  stream(path: string, body: unknown, signal: AbortSignal): Promise<Dispatcher.ResponseData['body']>;
  close(): Promise<void>;
}

/**
 * No time limits on headers and body: loading a large model and reading a long prompt take minutes without a byte, and every
 * call carries a signal. A dispatcher that was handed in is not closed.
 */
export function createOllamaHttp(baseUrl: string, dispatcher?: Dispatcher): OllamaHttp {
  const agent =
    dispatcher ??
    new Agent({
      connections: null,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      bodyTimeout: 0,
      headersTimeout: 0,
      pipelining: 1,
    });

  async function send(path: string, body: unknown, signal: AbortSignal) {
    signal.throwIfAborted();
    try {
      const answer = await request(`${baseUrl}${path}`, {
        dispatcher: agent,
        signal,
        bodyTimeout: 0,
        headersTimeout: 0,
        ...(body === undefined
          ? {}
          : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
      });
      if (answer.statusCode === 200) return answer.body;
      throw ollamaAnswerError(answer.statusCode, await readStart(answer.body));
    } catch (error) {
      signal.throwIfAborted();
      throw ollamaConnectionError(error, baseUrl);
    }
  }

  async function json(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const answer = await send(path, body, signal);
    try {
      return await answer.json();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SyntaxError) throw notOllama(error);
      throw ollamaConnectionError(error, baseUrl);
    }
  }

  return {
    baseUrl,
    get: (path, signal) => json(path, undefined, signal),
    post: json,
    stream: send,
    close: () => (dispatcher ? Promise.resolve() : agent.destroy()),
  };
}

async function readStart(body: AsyncIterable<Uint8Array>): Promise<string> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of body) {
    parts.push(part);
    size += part.length;
    if (size > MAX_ERROR_BYTES) break;
  }
  return Buffer.concat(parts).toString('utf8');
}
