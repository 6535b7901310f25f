import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerOpenAiChat } from './fake-openai-chat.ts';

/** What goes wrong with chats, in the words of the servers or their silence. */
export type OpenAiFault =
  /** ends cleanly with neither a finish reason nor [DONE] (a runner that died behind Ollama's /v1) */
  | { readonly kind: 'cut'; readonly afterTokens: number }
  /** the connection breaks */
  | { readonly kind: 'hang-up'; readonly afterTokens: number }
  /** says nothing more */
  | { readonly kind: 'silence'; readonly afterTokens: number }
  /** an event with an error in it, with vLLM's words */
  | { readonly kind: 'error-chunk'; readonly afterTokens: number }
  /** an old llama.cpp: the error in a field of its own */
  | { readonly kind: 'error-field'; readonly afterTokens: number }
  /** half an event of JSON */
  | { readonly kind: 'bad-json'; readonly afterTokens: number }
  /** any status with any body */
  | { readonly kind: 'status'; readonly status: number; readonly body: unknown }
  /** answers whole although a stream was asked for */
  | { readonly kind: 'no-stream' };

/** Everything may be changed while it runs. */
export interface FakeOpenAiScript {
  /** entries of `GET /v1/models` as the server in question writes them */
  models: readonly { readonly id: string; readonly [member: string]: unknown }[];
  /** further pages by path: LM Studio's /api/v0/models, llama.cpp's /props */
  pages: Readonly<Record<string, unknown>>;
  /** required of every request when set */
  key: string | undefined;
  tokens: readonly string[] | number;
  /** sent before the answer under this name */
  reasoning: { readonly member: 'reasoning_content' | 'reasoning'; readonly texts: readonly string[] } | undefined;
  /** the parts of tool calls, one chunk each, as they are to be sent */
  toolCallParts: readonly object[];
  /** a server that is asked for usage and does not tell */
  tellsUsage: boolean;
  ending: { readonly finishReason: string | null; readonly done: boolean };
  tokenDelayMs: number;
  firstTokenDelayMs: number;
  fault: OpenAiFault | undefined;
  pieceBytes: number;
  lineEnd: '\n' | '\r\n';
  /** as vLLM: prompt and max_tokens together must stay below, at one token a character */
  strictContext: number | undefined;
}

export interface FakeOpenAi {
  readonly url: string;
  readonly script: FakeOpenAiScript;
  readonly requests: readonly { readonly path: string; readonly authorization: string | undefined }[];
  /** bodies of chats, in order */
  readonly chats: readonly OpenAiChatInput[];
  readonly running: number;
  readonly aborted: number;
  readonly abortedAtMs: number | undefined;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface OpenAiChatInput {
  readonly model?: string;
  readonly messages?: readonly {
    readonly role: string;
    readonly content: unknown;
    readonly [member: string]: unknown;
  }[];
  readonly max_tokens?: number;
  readonly tools?: readonly unknown[];
  readonly logprobs?: boolean;
  readonly stream_options?: { readonly include_usage?: boolean };
  readonly [member: string]: unknown;
}

/** What the pages of the server share. */
export interface FakeOpenAiState {
  readonly script: FakeOpenAiScript;
  readonly requests: { path: string; authorization: string | undefined }[];
  readonly chats: OpenAiChatInput[];
  running: number;
  aborted: number;
  abortedAtMs: number | undefined;
}

const DEFAULT_SCRIPT: FakeOpenAiScript = {
  models: [{ id: 'tiny', object: 'model', owned_by: 'vllm', max_model_len: 8192 }],
  pages: {},
  key: undefined,
  tokens: [' kind', ' get', ' rain', ' get'],
  reasoning: undefined,
  toolCallParts: [],
  tellsUsage: true,
  ending: { finishReason: 'stop', done: true },
  tokenDelayMs: 0,
  firstTokenDelayMs: 0,
  fault: undefined,
  pieceBytes: Infinity,
  lineEnd: '\n',
  strictContext: undefined,
};

/** A server that speaks like vLLM, llama.cpp or LM Studio and generates nothing. Listens on 127.0.0.1, on a free port by default. */
export async function startFakeOpenAi(script: Partial<FakeOpenAiScript> = {}, port = 0): Promise<FakeOpenAi> {
  const state: FakeOpenAiState = {
    script: { ...DEFAULT_SCRIPT, ...script },
    requests: [],
    chats: [],
    running: 0,
    aborted: 0,
    abortedAtMs: undefined,
  };
  const server = createServer((request, response) => {
    handle(state, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    script: state.script,
    requests: state.requests,
    chats: state.chats,
    get running() {
      return state.running;
    },
    get aborted() {
      return state.aborted;
    },
    get abortedAtMs() {
      return state.abortedAtMs;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function handle(state: FakeOpenAiState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  const { authorization } = request.headers;
  state.requests.push({ path, authorization });
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  const { key, models, pages } = state.script;
  if (key !== undefined && authorization !== `Bearer ${key}`)
    return sendError(response, 401, {
      message: `Incorrect API key provided: ${authorization ?? 'none'}.`,
      code: 'invalid_api_key',
    });
  if (path === '/v1/models') return sendJson(response, 200, { object: 'list', data: models });
  if (path in pages) return sendJson(response, 200, pages[path]);
  if (path === '/v1/embeddings') {
    const { input } = JSON.parse(Buffer.concat(parts).toString('utf8')) as { input: readonly string[] };
    // As vLLM for a model with vectors of one length: it does not know 'dimensions'.
    return sendJson(response, 200, {
      object: 'list',
      data: input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 0.25, -1] })),
      usage: { prompt_tokens: input.length * 3, total_tokens: input.length * 3 },
    });
  }
  if (path !== '/v1/chat/completions') return sendJson(response, 404, { detail: 'Not Found' });
  const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as OpenAiChatInput;
  state.chats.push(body);
  return answerOpenAiChat(state, body, response);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

export function sendError(response: ServerResponse, status: number, error: object): void {
  sendJson(response, status, { error: { type: 'BadRequestError', param: null, ...error } });
}
