import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import type { GridError } from '../protocol/errors.ts';

const CONNECT_TIMEOUT_MS = 3_000;
/** An error is a sentence; more than this is not one. */
const MAX_ERROR_BYTES = 64 * 1024;

export interface EngineAnswer {
  readonly contentType: string;
  readonly body: Dispatcher.ResponseData['body'];
}

/** How an engine's failures are named. */
export interface EngineFaults {
  /** it answered something else than a result */
  answer(status: number, body: string): GridError;
  /** nothing was heard, or the connection broke before anything was said */
  connection(error: unknown, baseUrl: string): GridError;
  /** it answers, but not in the shapes of this engine */
  shape(cause: unknown): GridError;
}

export interface EngineHttp {
  readonly baseUrl: string;
  get(path: string, signal: AbortSignal): Promise<unknown>;
  post(path: string, body: unknown, signal: AbortSignal): Promise<unknown>;
  /** A streamed answer. Destroying its body hangs up, which makes the engine stop generating. */
  stream(path: string, body: unknown, signal: AbortSignal): Promise<EngineAnswer>;
  close(): Promise<void>;
}

/**
 * No time limits on headers and body: loading a large model and reading a long prompt take minutes without a byte, and every
 * call carries a signal. A dispatcher that was handed in is not closed.
 */
export function createEngineHttp(options: {
  readonly baseUrl: string;
  readonly faults: EngineFaults;
  readonly dispatcher?: Dispatcher | undefined;
  /** asked anew for each request: a key may change */
  readonly headers?: () => Readonly<Record<string, string>>;
}): EngineHttp {
  const { baseUrl, faults, dispatcher } = options;
  const agent =
    dispatcher ??
    new Agent({
      connections: null,
      connect: { timeout: CONNECT_TIMEOUT_MS },
      bodyTimeout: 0,
      headersTimeout: 0,
      pipelining: 1,
    });

  async function send(path: string, body: unknown, signal: AbortSignal): Promise<EngineAnswer> {
    signal.throwIfAborted();
    try {
      const answer = await request(`${baseUrl}${path}`, {
        dispatcher: agent,
        signal,
        bodyTimeout: 0,
        headersTimeout: 0,
        ...(body === undefined
          ? { headers: { ...options.headers?.() } }
          : {
              method: 'POST',
              headers: { ...options.headers?.(), 'content-type': 'application/json' },
              body: JSON.stringify(body),
            }),
      });
      if (answer.statusCode === 200)
        return { body: answer.body, contentType: String(answer.headers['content-type'] ?? '') };
      throw faults.answer(answer.statusCode, await readStart(answer.body));
    } catch (error) {
      signal.throwIfAborted();
      throw faults.connection(error, baseUrl);
    }
  }

  async function json(path: string, body: unknown, signal: AbortSignal): Promise<unknown> {
    const answer = await send(path, body, signal);
    try {
      return await answer.body.json();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof SyntaxError) throw faults.shape(error);
      throw faults.connection(error, baseUrl);
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
