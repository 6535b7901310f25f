import type { ServerResponse } from 'node:http';
import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import { sendError, sendJson, type FakeOpenAiState, type OpenAiChatInput } from './fake-openai.ts';

const HEAD = { id: 'chatcmpl-fake', object: 'chat.completion.chunk', created: 1_795_248_366 };

/** `POST /v1/chat/completions` */
export async function answerOpenAiChat(
  state: FakeOpenAiState,
  body: OpenAiChatInput,
  response: ServerResponse,
): Promise<void> {
  const { fault, models, strictContext } = state.script;
  if (fault?.kind === 'status') return sendJson(response, fault.status, fault.body);
  if (!models.some(({ id }) => id === body.model))
    return sendError(response, 404, { message: `The model \`${body.model}\` does not exist.`, type: 'NotFoundError' });
  const promptTokens = JSON.stringify(body.messages ?? []).length;
  const requested = promptTokens + (body.max_tokens ?? 0);
  if (strictContext !== undefined && requested > strictContext)
    return sendError(response, 400, {
      message: `This model's maximum context length is ${strictContext} tokens. However, you requested ${requested} tokens.`,
    });
  if (fault?.kind === 'no-stream')
    return sendJson(response, 200, { ...HEAD, choices: [{ message: { role: 'assistant', content: 'whole' } }] });
  const left = new AbortController();
  response.on('close', () => {
    if (response.writableFinished || left.signal.aborted) return;
    state.aborted += 1;
    state.abortedAtMs = performance.now();
    left.abort();
  });
  state.running += 1;
  try {
    await stream(state, body, response, left.signal);
  } catch (error) {
    if (!left.signal.aborted) throw error;
  } finally {
    state.running -= 1;
  }
}

async function stream(
  { script }: FakeOpenAiState,
  body: OpenAiChatInput,
  response: ServerResponse,
  left: AbortSignal,
): Promise<void> {
  const { fault, ending, reasoning } = script;
  const send = (text: string) => writePieces(response, text.replaceAll('\n', script.lineEnd), script.pieceBytes);
  const chunk = (members: object) => send(`data: ${JSON.stringify({ ...HEAD, model: body.model, ...members })}\n\n`);
  const choice = (delta: object, more: object = {}) =>
    chunk({ choices: [{ index: 0, delta, finish_reason: null, ...more }], usage: null });

  if (script.firstTokenDelayMs > 0) await sleep(script.firstTokenDelayMs, undefined, { signal: left });
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' }).flushHeaders();
  await send(': a comment\n\n');
  await choice({ role: 'assistant', content: '' });
  for (const text of reasoning?.texts ?? []) await choice({ [reasoning?.member ?? '']: text });
  const words = (typeof script.tokens === 'number' ? Array<string>(script.tokens).fill(' word') : script.tokens).slice(
    0,
    body.max_tokens ?? Infinity,
  );
  const isCapped =
    typeof script.tokens === 'number' ? words.length < script.tokens : words.length < script.tokens.length;
  for (const [index, content] of words.entries()) {
    if (script.tokenDelayMs > 0) await sleep(script.tokenDelayMs, undefined, { signal: left });
    left.throwIfAborted();
    if (fault && 'afterTokens' in fault && fault.afterTokens === index) return fail(fault.kind, send, response);
    await choice({ content }, body.logprobs ? { logprobs: { content: [logprobOf(content)] } } : {});
  }
  if (fault && 'afterTokens' in fault) return fail(fault.kind, send, response);
  if (body.tools?.length) for (const part of script.toolCallParts) await choice({ tool_calls: [part] });
  if (ending.finishReason !== null) await choice({}, { finish_reason: isCapped ? 'length' : ending.finishReason });
  if (script.tellsUsage && body.stream_options?.include_usage)
    await chunk({ choices: [], usage: { prompt_tokens: 11, completion_tokens: words.length, total_tokens: 0 } });
  if (ending.done) await send('data: [DONE]\n\n');
  response.end();
}

async function fail(kind: string, send: (text: string) => Promise<void>, response: ServerResponse): Promise<void> {
  if (kind === 'silence') return;
  if (kind === 'hang-up') {
    response.destroy();
    return;
  }
  if (kind === 'error-chunk')
    await send('data: {"error":{"object":"error","message":"EngineCore encountered an issue.","code":500}}\n\n');
  if (kind === 'error-field')
    await send('error: {"error":{"code":500,"message":"context shift is disabled","type":"server_error"}}\n\n');
  if (kind === 'bad-json') await send('data: {"choices":[{"delta"\n\n');
  response.end();
}

const logprobOf = (token: string) => ({ token, logprob: -0.5, bytes: [...Buffer.from(token)], top_logprobs: [] });

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
