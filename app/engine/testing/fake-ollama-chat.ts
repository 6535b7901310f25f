import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import {
  capabilitiesOf,
  contextLengthOf,
  findModel,
  sendJson,
  type FakeChatBody,
  type FakeModel,
  type FakeState,
} from './fake-ollama.ts';

/** Ollama's own default when a request names none and the machine is small. */
const DEFAULT_CONTEXT = 4096;
/** Ollama's own, when a request names none. */
const KEEP_ALIVE_MS = 300_000;
const OPTION_TYPES = [
  ['temperature', 'float32'],
  ['top_p', 'float32'],
  ['seed', 'integer'],
  ['num_ctx', 'integer'],
  ['num_predict', 'integer'],
] as const;
const WORDS = [' kind', ' get', ' rain', ' small', ' under', ' one', ' know', ' her'];

/** `POST /api/chat`, with the refusals of Ollama 0.17.4 in its order. */
export async function answerChat(state: FakeState, body: FakeChatBody, response: ServerResponse): Promise<void> {
  const { script } = state;
  if (script.fault?.kind === 'status') return sendJson(response, script.fault.status, { error: script.fault.error });
  if (!body?.model) return sendJson(response, 400, { error: 'model is required' });
  const model = findModel(state, body.model);
  if (!model) return sendJson(response, 404, { error: `model '${body.model}' not found` });
  const refusal = refusalOf(body, model);
  if (refusal) return sendJson(response, refusal.status, { error: refusal.error });
  if (!body.messages?.length && body.keep_alive === 0) {
    state.loadedContexts.delete(model.name);
    return sendJson(response, 200, {
      ...lineOf(body.model, { role: 'assistant', content: '' }),
      done: true,
      done_reason: 'unload',
    });
  }
  const contextTokens = Math.min(Number(body.options?.['num_ctx'] ?? DEFAULT_CONTEXT), contextLengthOf(model));
  if (state.loadedContexts.get(model.name) !== contextTokens) {
    state.loadedContexts.set(model.name, contextTokens);
    state.loads += 1;
  }
  state.expiresAtMs.set(model.name, Date.now() + KEEP_ALIVE_MS);
  const promptTokens = countTokens(body);
  if (promptTokens > contextTokens && body.truncate === false)
    return sendJson(response, 400, { error: 'the input length exceeds the context length' });
  if (!body.messages?.length)
    return sendJson(response, 200, {
      ...lineOf(body.model, { role: 'assistant', content: '' }),
      done: true,
      done_reason: 'load',
    });
  await stream(state, body, model, Math.min(promptTokens, contextTokens), response);
}

function refusalOf(body: FakeChatBody, model: FakeModel): { status: number; error: string } | undefined {
  const can = capabilitiesOf(model);
  if (body.tools?.length && !can.includes('tools'))
    return { status: 400, error: `registry.ollama.ai/library/${model.name} does not support tools` };
  if (body.think && !can.includes('thinking'))
    return { status: 400, error: `"${body.model}" does not support thinking` };
  for (const [option, type] of OPTION_TYPES) {
    const value = body.options?.[option];
    if (value !== undefined && typeof value !== 'number')
      return { status: 500, error: `option "${option}" must be of type ${type}` };
  }
  if (body.format !== undefined && body.format !== 'json' && typeof body.format !== 'object')
    return {
      status: 500,
      error: `invalid format: ${JSON.stringify(JSON.stringify(body.format))}; expected "json" or a valid JSON Schema object`,
    };
  return undefined;
}

async function stream(
  state: FakeState,
  body: FakeChatBody,
  model: FakeModel,
  promptTokens: number,
  response: ServerResponse,
): Promise<void> {
  const left = new AbortController();
  response.on('close', () => {
    if (response.writableFinished || left.signal.aborted) return;
    state.aborted += 1;
    state.abortedAtMs = performance.now();
    left.abort();
  });
  state.running += 1;
  try {
    await write(state, body, model, promptTokens, response, left.signal);
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    state.running -= 1;
  }
}

async function write(
  { script }: FakeState,
  body: FakeChatBody,
  model: FakeModel,
  promptTokens: number,
  response: ServerResponse,
  left: AbortSignal,
): Promise<void> {
  const { fault } = script;
  const all = typeof script.tokens === 'number' ? makeWords(script.tokens) : script.tokens;
  const stops = (body.options?.['stop'] ?? []) as readonly string[];
  const stopAt = all.findIndex((word) => stops.some((stop) => word.includes(stop)));
  const words = stopAt < 0 ? all : all.slice(0, stopAt);
  const limit = Number(body.options?.['num_predict'] ?? Infinity);
  const thinks = capabilitiesOf(model).includes('thinking') && body.think !== false;
  const messages = [
    ...(thinks ? script.thinking.map((thinking) => ({ role: 'assistant', content: '', thinking })) : []),
    ...words.map((content) => ({ role: 'assistant', content })),
  ];
  const sent = messages.slice(0, limit);
  const send = (line: object) => writePieces(response, `${JSON.stringify(line)}\n`, script.pieceBytes);
  if (script.firstTokenDelayMs > 0) await sleep(script.firstTokenDelayMs, undefined, { signal: left });
  response.writeHead(200, { 'content-type': 'application/x-ndjson' });
  response.flushHeaders();
  for (const [index, message] of sent.entries()) {
    if (script.tokenDelayMs > 0) await sleep(script.tokenDelayMs, undefined, { signal: left });
    left.throwIfAborted();
    if (fault && 'afterTokens' in fault && fault.afterTokens === index) return fail(fault.kind, send, response);
    const logprobs = body.logprobs && message.content ? { logprobs: [logprobOf(message.content, body)] } : {};
    await send({ ...lineOf(body.model ?? '', message), ...logprobs, done: false });
  }
  if (fault && 'afterTokens' in fault) return fail(fault.kind, send, response);
  if (body.tools?.length && script.toolCalls.length > 0)
    await send({
      ...lineOf(body.model ?? '', {
        role: 'assistant',
        content: '',
        tool_calls: script.toolCalls.map((call) => ({ function: call })),
      }),
      done: false,
    });
  await send({
    ...lineOf(body.model ?? '', { role: 'assistant', content: '' }),
    done: true,
    done_reason: sent.length < messages.length ? 'length' : 'stop',
    total_duration: 5_632_515,
    load_duration: 3_792_449,
    prompt_eval_count: promptTokens,
    prompt_eval_duration: 436_331,
    eval_count: sent.length,
    eval_duration: 304_935,
  });
  response.end();
}

/** The likeliest token is the one that was said. */
function logprobOf(token: string, { top_logprobs: count = 0 }: FakeChatBody): object {
  const one = (text: string, logprob: number) => ({ token: text, logprob, bytes: [...Buffer.from(text)] });
  const top = [one(token, -0.25), one(' other', -1.5)].slice(0, count);
  return { ...one(token, -0.25), ...(top.length > 0 ? { top_logprobs: top } : {}) };
}

async function fail(kind: string, send: (line: object) => Promise<void>, response: ServerResponse): Promise<void> {
  if (kind === 'silence') return;
  if (kind === 'hang-up') {
    response.destroy();
    return;
  }
  if (kind === 'runner-killed')
    await send({ error: 'an error was encountered while running the model: unexpected EOF' });
  response.end();
}

async function writePieces(response: ServerResponse, text: string, pieceBytes: number): Promise<void> {
  const bytes = Buffer.from(text);
  if (pieceBytes >= bytes.length) {
    response.write(bytes);
    return;
  }
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    response.write(bytes.subarray(at, at + pieceBytes));
    await nextTurn();
  }
}

function lineOf(model: string, message: object): object {
  return { model, created_at: '2026-11-21T08:04:21.892423681Z', message };
}

function countTokens({ messages = [], tools = [] }: FakeChatBody): number {
  const characters = messages.reduce(
    (sum, { content }) => sum + content.length,
    tools.length > 0 ? JSON.stringify(tools).length : 0,
  );
  return Math.ceil(characters / 4) + 5 * messages.length;
}

function makeWords(count: number): string[] {
  return Array.from({ length: count }, (_, index) => WORDS[index % WORDS.length] ?? '');
}
