import type { RequestHandler, Response } from 'express';
import { HangUp, hangUpSignal } from '../../http/hang-up.ts';
import { SSE_HEADERS } from '../../http/sse.ts';
import { asGridError, GridError } from '../../protocol/errors.ts';
import { chatBodySchema, type ChatBody, type NativeMessage, type NativeToolCall } from '../frames.ts';
import { askNodes, type NodeAnswer } from './ask-nodes.ts';
import { ChatStream } from './chat-stream.ts';
import { tooManyRequests } from './doors.ts';
import type { Hub } from './hub.ts';
import type { NodeConnection } from './node-connection.ts';
import { runTool } from './run-tool.ts';
import { SEARCH_TOOL } from './web-search.ts';

/** The answer has its full length: what else the node would say is not wanted. */
class Full extends Error {}

/** POST /api/chat: no account, small limits, and everything after the first byte inside a 200. */
export function chat(hub: Hub): RequestHandler {
  return async (request, response) => {
    if (hub.draining) throw new GridError('shutting_down');
    const body = parseChatBody(request.body);
    const leave = hub.chatsAt.enter(hub.addressOf(request));
    if (!leave) throw tooManyRequests(hub, 'parallel chats', 1);
    response.once('close', leave);
    response.once('close', hub.answerBegins());
    await answer(hub, body, response);
  };
}

async function answer(hub: Hub, body: ChatBody, response: Response): Promise<void> {
  const { clock, limits, randomUuid } = hub.deps;
  response.set(SSE_HEADERS).flushHeaders();
  const stream = new ChatStream(response, { id: `chatcmpl-${randomUuid()}`, model: body.model }, limits);
  const stopKeepAlive = clock.every(limits.keepAliveMs, () => stream.keepAlive());
  const hangUp = hangUpSignal(response);
  let outcome = 'done';
  try {
    await converse(hub, body, stream, hangUp);
  } catch (thrown) {
    if (thrown instanceof HangUp || hangUp.aborted) {
      outcome = 'hang-up';
      return;
    }
    const error = asGridError(thrown);
    outcome = error.code;
    if (error.code === 'internal_error') hub.deps.log.error({ err: thrown }, 'unexpected error');
    stream.error(error.message);
  } finally {
    stopKeepAlive();
    hub.metrics.answers.inc({ way: 'api', outcome });
  }
  stream.done();
}

/** Rounds: a model that asks for the tool gets its result and is asked again, five times at most; then without the tool. */
async function converse(hub: Hub, body: ChatBody, stream: ChatStream, hangUp: AbortSignal): Promise<void> {
  const { clock, limits } = hub.deps;
  const enough = new AbortController();
  const signal = AbortSignal.any([hangUp, enough.signal]);
  const deadlineAtMs = clock.nowMs() + limits.wholeAnswerMs;
  const messages: NativeMessage[] = [...body.messages];
  const can = hub.nodes.capabilities(body.model);
  for (let round = 0; ; round += 1) {
    const hasRoom = messages.length + 1 + limits.toolCallsPerRound <= limits.messages;
    const offersTool = hub.deps.search !== undefined && can.tool_calls === true && round < limits.toolRounds && hasRoom;
    const calls: NativeToolCall[] = [];
    let said = '';
    const ask = (think: boolean) =>
      askNodes(hub, {
        params: {
          model: body.model,
          messages,
          stream: true,
          keep_alive: '5m',
          think,
          ...(offersTool ? { tools: [SEARCH_TOOL] } : {}),
        },
        tools: offersTool,
        betweenChunksMs: limits.betweenChunksMs,
        deadlineAtMs,
        signal,
        onChunk: (chunk) => {
          if (chunk.thinking !== '') stream.thinking(chunk.thinking);
          if (chunk.content !== '') stream.content(chunk.content);
          if (offersTool) {
            calls.push(...chunk.toolCalls.slice(0, limits.toolCallsPerRound - calls.length));
            said += chunk.content;
          }
          if (stream.isFull) enough.abort(new Full());
        },
      });
    const { node } = await askThinking(body.think === true, can.thinking, ask);
    hangUp.throwIfAborted();
    if (calls.length === 0 || stream.isFull) return;
    messages.push({ role: 'assistant', content: said, tool_calls: calls });
    for (const call of calls) messages.push(await toolMessage(hub, node, call, stream, hangUp));
  }
}

/** Ollama refuses to let a model think that cannot. While nobody knows whether it can, it is tried, and then without. */
async function askThinking(
  wished: boolean,
  can: boolean | undefined,
  ask: (think: boolean) => Promise<NodeAnswer>,
): Promise<NodeAnswer> {
  if (!wished || can === false) return ask(false);
  if (can === true) return ask(true);
  try {
    return await ask(true);
  } catch (error) {
    if (error instanceof GridError && error.code === 'all_peers_failed') return ask(false);
    throw error;
  }
}

async function toolMessage(
  hub: Hub,
  node: NodeConnection,
  call: NativeToolCall,
  stream: ChatStream,
  hangUp: AbortSignal,
): Promise<NativeMessage> {
  const { name } = call.function;
  // A name that a node made up is not shown.
  const shown = name === SEARCH_TOOL.function.name ? name : 'unknown';
  stream.tool(shown, 'running');
  const { ok, text } = await runTool(hub, node, call, hangUp);
  hangUp.throwIfAborted();
  stream.tool(shown, ok ? 'done' : 'failed');
  return { role: 'tool', content: text, tool_name: name };
}

/** @throws GridError chat_invalid, with `detail` as existing clients know it */
function parseChatBody(bytes: unknown): ChatBody {
  let json: unknown;
  try {
    json = JSON.parse((bytes as Buffer).toString('utf8'));
  } catch {
    throw invalid([{ loc: ['body'], msg: 'JSON decode error', type: 'json_invalid' }]);
  }
  const parsed = chatBodySchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw invalid(
    parsed.error.issues.slice(0, 10).map(({ path, message, code }) => ({
      loc: ['body', ...path.filter((part) => typeof part !== 'symbol')],
      msg: message,
      type: code,
    })),
  );
}

function invalid(detail: { loc: (string | number)[]; msg: string; type: string }[]): GridError {
  const where = detail[0]?.loc.slice(1).join('.');
  return new GridError('chat_invalid', where ? `'${where}': ${detail[0]?.msg}.` : undefined, { details: { detail } });
}
