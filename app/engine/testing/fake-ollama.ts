import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerChat } from './fake-ollama-chat.ts';

export interface FakeModel {
  readonly name: string;
  readonly digest?: string;
  readonly sizeBytes?: number;
  /** default: completion and tools */
  readonly capabilities?: readonly string[];
  readonly contextLength?: number;
  readonly family?: string;
  readonly parameterSize?: string;
  readonly quantization?: string;
  /** set: a cloud model */
  readonly remoteHost?: string;
}

/** What goes wrong with chats. The words are those of Ollama 0.17.4, or its silence. */
export type FakeFault =
  /** ends cleanly, but without the closing line (one token over 30 times in a row) */
  | { readonly kind: 'cut'; readonly afterTokens: number }
  /** the runner is killed: a line with an error in the middle */
  | { readonly kind: 'runner-killed'; readonly afterTokens: number }
  /** the connection breaks */
  | { readonly kind: 'hang-up'; readonly afterTokens: number }
  /** says nothing more */
  | { readonly kind: 'silence'; readonly afterTokens: number }
  /** any status, with `{"error": message}` */
  | { readonly kind: 'status'; readonly status: number; readonly error: string };

/** Everything may be changed while it runs. */
export interface FakeOllamaScript {
  models: readonly FakeModel[];
  /** the answer, one line each; a number makes as many words */
  tokens: readonly string[] | number;
  /** streamed before the answer by models that can think and are not told not to */
  thinking: readonly string[];
  toolCalls: readonly { name: string; arguments: Record<string, unknown> }[];
  tokenDelayMs: number;
  /** loading the model and reading the prompt */
  firstTokenDelayMs: number;
  fault: FakeFault | undefined;
  /** answers are written in pieces of so many bytes, wherever that cuts them */
  pieceBytes: number;
}

export interface FakeRequest {
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
}

export interface FakeOllama {
  readonly url: string;
  readonly script: FakeOllamaScript;
  readonly requests: readonly FakeRequest[];
  /** bodies of `POST /api/chat`, in order */
  readonly chats: readonly FakeChatBody[];
  /** how many answers are being written, how many clients left before the end */
  readonly running: number;
  readonly aborted: number;
  /** when the last client left, by performance.now() */
  readonly abortedAtMs: number | undefined;
  /** how often a model was loaded: first, and each time with another context */
  readonly loads: number;
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface FakeChatBody {
  readonly model?: string;
  readonly messages?: readonly { role: string; content: string; [member: string]: unknown }[];
  readonly stream?: boolean;
  readonly truncate?: boolean;
  readonly think?: unknown;
  readonly format?: unknown;
  readonly tools?: readonly unknown[];
  readonly logprobs?: boolean;
  readonly top_logprobs?: number;
  readonly keep_alive?: unknown;
  readonly options?: Readonly<Record<string, unknown>>;
}

/** What the pages of the server share. */
export interface FakeState {
  readonly script: FakeOllamaScript;
  readonly requests: FakeRequest[];
  readonly chats: FakeChatBody[];
  readonly loadedContexts: Map<string, number>;
  /** by model; moves on with every use */
  readonly expiresAtMs: Map<string, number>;
  running: number;
  aborted: number;
  abortedAtMs: number | undefined;
  loads: number;
}

const VERSION = '0.17.4';
const DEFAULT_SCRIPT: FakeOllamaScript = {
  models: [{ name: 'tiny:latest' }],
  tokens: [' kind', ' get', ' rain', ' get'],
  thinking: [],
  toolCalls: [],
  tokenDelayMs: 0,
  firstTokenDelayMs: 0,
  fault: undefined,
  pieceBytes: Infinity,
};

/** A server that speaks like Ollama and generates nothing. Listens on 127.0.0.1, on a free port unless told otherwise. */
export async function startFakeOllama(script: Partial<FakeOllamaScript> = {}, port = 0): Promise<FakeOllama> {
  const state: FakeState = {
    script: { ...DEFAULT_SCRIPT, ...script },
    requests: [],
    chats: [],
    loadedContexts: new Map(),
    expiresAtMs: new Map(),
    running: 0,
    aborted: 0,
    abortedAtMs: undefined,
    loads: 0,
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
    get loads() {
      return state.loads;
    },
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function handle(state: FakeState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '/';
  const text = await readAll(request);
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch {
    return sendJson(response, 400, { error: 'unexpected EOF' });
  }
  state.requests.push({ method: request.method ?? '', path, body });
  switch (`${request.method} ${path}`) {
    case 'GET /':
      response.end('Ollama is running');
      return;
    case 'GET /api/version':
      return sendJson(response, 200, { version: VERSION });
    case 'GET /api/tags':
      return sendJson(response, 200, { models: state.script.models.map(toTag) });
    case 'GET /api/ps':
      return sendJson(response, 200, { models: running(state) });
    case 'POST /api/show':
      return show(state, response, (body as { model?: string } | undefined)?.model ?? '');
    case 'POST /api/chat':
      state.chats.push(body as FakeChatBody);
      return answerChat(state, body as FakeChatBody, response);
    case 'POST /api/embed':
      return embed(state, response, body as Parameters<typeof embed>[2]);
    default:
      response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found');
  }
}

export function findModel(state: FakeState, name: string): FakeModel | undefined {
  return state.script.models.find((model) => model.name === name || model.name === `${name}:latest`);
}

export function sendJson(response: ServerResponse, status: number, value: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8' }).end(JSON.stringify(value));
}

export const contextLengthOf = (model: FakeModel) => model.contextLength ?? 131_072;
export const capabilitiesOf = (model: FakeModel) => model.capabilities ?? ['completion', 'tools'];
const digestOf = (model: FakeModel) => model.digest ?? createHash('sha256').update(model.name).digest('hex');

function details(model: FakeModel) {
  const family = model.family ?? 'llama';
  return {
    parent_model: '',
    format: 'gguf',
    family,
    families: [family],
    parameter_size: model.parameterSize ?? '161K',
    quantization_level: model.quantization ?? 'unknown',
  };
}

function toTag(model: FakeModel) {
  return {
    name: model.name,
    model: model.name,
    modified_at: '2026-11-21T08:04:19.007579927Z',
    size: model.sizeBytes ?? 658_617,
    digest: digestOf(model),
    details: details(model),
    ...(model.remoteHost ? { remote_host: model.remoteHost } : {}),
  };
}

function running(state: FakeState) {
  return state.script.models
    .filter((model) => state.loadedContexts.has(model.name))
    .map((model) => ({
      ...toTag(model),
      expires_at: new Date(state.expiresAtMs.get(model.name) ?? 0).toISOString(),
      size_vram: 0,
      context_length: state.loadedContexts.get(model.name),
    }));
}

function show(state: FakeState, response: ServerResponse, name: string): void {
  const model = findModel(state, name);
  if (!model) return sendJson(response, 404, { error: `model '${name}' not found` });
  sendJson(response, 200, {
    details: details(model),
    model_info: {
      'general.architecture': 'llama',
      'general.parameter_count': 160_576,
      'llama.block_count': 2,
      'llama.attention.head_count': 4,
      'llama.attention.head_count_kv': 4,
      'llama.embedding_length': 1024,
      'llama.context_length': contextLengthOf(model),
    },
    capabilities: capabilitiesOf(model),
    modified_at: '2026-11-21T08:04:19.007579927Z',
  });
}

/** Vectors that tell texts apart: their length, their first and last letter, then zeros. */
function embed(
  state: FakeState,
  response: ServerResponse,
  {
    model: name = '',
    input = [],
    dimensions = 4,
  }: { model?: string; input?: readonly string[]; dimensions?: number } = {},
): void {
  const { fault } = state.script;
  if (fault?.kind === 'status') return sendJson(response, fault.status, { error: fault.error });
  const model = findModel(state, name);
  if (!model) return sendJson(response, 404, { error: `model "${name}" not found, try pulling it first` });
  if (!capabilitiesOf(model).includes('embedding'))
    return sendJson(response, 501, { error: 'this model does not support embeddings' });
  const tokens = input.map((text) => Math.ceil(text.length / 4));
  if (tokens.some((count) => count > contextLengthOf(model)))
    return sendJson(response, 400, { error: 'the input length exceeds the context length' });
  sendJson(response, 200, {
    model: name,
    embeddings: input.map((text) =>
      [text.length, text.charCodeAt(0), text.charCodeAt(text.length - 1), 0.5].slice(0, dimensions),
    ),
    total_duration: 14_143_917,
    load_duration: 1_019_500,
    prompt_eval_count: tokens.reduce((sum, count) => sum + count, 0),
  });
}

async function readAll(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}
