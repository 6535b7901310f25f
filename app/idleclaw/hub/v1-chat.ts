import type { RequestHandler, Response } from 'express';
import { endWithError } from '../../http/error-handler.ts';
import { HangUp, hangUpSignal } from '../../http/hang-up.ts';
import { parseJsonBody } from '../../http/json-body.ts';
import { SSE_HEADERS } from '../../http/sse.ts';
import { createAnswerFormat, DONE, type AnswerFormat } from '../../protocol/answer-format.ts';
import { parseChatRequest, type ChatRequest } from '../../protocol/chat.ts';
import { asGridError, GridError } from '../../protocol/errors.ts';
import { askNodes, type NodeAsk } from './ask-nodes.ts';
import type { Hub } from './hub.ts';
import { Parallel, TokenBuckets } from './token-buckets.ts';
import { toNativeParams } from './to-native.ts';
import { V1Answer } from './v1-answer.ts';

/** Token counts never cross IdleClaw's wire, so usage is this hub's estimate, and says so. */
const USAGE_HEADER = { 'x-lobstah-usage': 'estimated' } as const;
/** An answer that a client does not read is not piled up without end. */
const MAX_UNREAD_BYTES = 8 * 1024 * 1024;

class Enough extends Error {}

/** POST /v1/chat/completions: behind a key, with limits fit for an agent; nothing in the text is changed. */
export function v1Chat(hub: Hub): RequestHandler {
  const { v1 } = hub.deps.limits;
  const rate = new TokenBuckets(v1.requestsPerMinutePerKey);
  const parallel = new Parallel(v1.parallelPerKey);
  return async (request, response) => {
    if (hub.draining) throw new GridError('shutting_down');
    const keyName = String(response.locals['keyName']);
    const chat = parseChatRequest(parseJsonBody(request.body));
    if (chat.messages.length > v1.messages)
      throw new GridError('bad_request', `'messages': at most ${v1.messages} are taken.`, {
        details: { param: 'messages' },
      });
    // 503, not 429: agents take a 429 for a reason to leave a provider alone for up to an hour.
    const retryAfterSeconds = rate.take(keyName, hub.deps.clock.nowMs());
    if (retryAfterSeconds > 0) throw busy(hub, 'requests of one key', retryAfterSeconds);
    const leave = parallel.enter(keyName);
    if (!leave) throw busy(hub, 'parallel requests of one key', 1);
    response.once('close', leave);
    response.once('close', hub.answerBegins());
    let outcome = 'done';
    try {
      await (chat.stream ? streamed(hub, chat, response) : whole(hub, chat, response));
    } catch (thrown) {
      outcome = thrown instanceof HangUp ? 'hang-up' : asGridError(thrown).code;
      if (!(thrown instanceof HangUp)) throw thrown;
    } finally {
      hub.metrics.answers.inc({ way: 'v1', outcome });
    }
  };
}

async function streamed(hub: Hub, chat: ChatRequest, response: Response): Promise<void> {
  const { clock, limits } = hub.deps;
  const format = newFormat(hub, chat);
  // The status waits for the first chunk, so that a failure before it is one; but not longer than silence is safe.
  const start = () => {
    if (!response.headersSent) response.set({ ...SSE_HEADERS, ...USAGE_HEADER }).write(format.role());
  };
  const answer = new V1Answer(chat, hub.deps.randomUuid, (delta) => {
    start();
    response.write(format.delta(delta));
  });
  const stopHeartbeat = clock.every(limits.v1.heartbeatMs, () => {
    if (answer.isEmpty && !response.writableEnded) {
      start();
      response.write(format.delta({ content: '' }));
    }
  });
  try {
    await ask(hub, chat, answer, response);
  } catch (thrown) {
    if (thrown instanceof HangUp || !response.headersSent) throw thrown;
    endWithError(response, asGridError(thrown), 'openai');
    throw new HangUp();
  } finally {
    stopHeartbeat();
  }
  start();
  response.write(format.finish(answer.finishReason));
  if (chat.stream_options?.include_usage) response.write(format.usage(answer.usage));
  response.end(DONE);
}

async function whole(hub: Hub, chat: ChatRequest, response: Response): Promise<void> {
  const answer = new V1Answer(chat, hub.deps.randomUuid, () => undefined);
  await ask(hub, chat, answer, response);
  response.set(USAGE_HEADER).json(newFormat(hub, chat).whole(answer.whole, answer.usage));
}

async function ask(hub: Hub, chat: ChatRequest, answer: V1Answer, response: Response): Promise<void> {
  const { clock, limits } = hub.deps;
  const enough = new AbortController();
  const hangUp = hangUpSignal(response);
  const request: NodeAsk = {
    params: toNativeParams(chat),
    tools: (chat.tools?.length ?? 0) > 0,
    betweenChunksMs: limits.v1.betweenChunksMs,
    deadlineAtMs: clock.nowMs() + limits.v1.wholeAnswerMs,
    signal: AbortSignal.any([hangUp, enough.signal]),
    onChunk: (chunk) => {
      answer.take(chunk);
      if (answer.characters > limits.v1.answerCharacters) {
        answer.cut();
        enough.abort(new Enough());
      }
      if (response.writableLength > MAX_UNREAD_BYTES) response.destroy();
    },
  };
  const { doneReason } = await askNodes(hub, request);
  hangUp.throwIfAborted();
  answer.end(doneReason);
}

function newFormat({ deps: { clock, randomUuid } }: Hub, chat: ChatRequest): AnswerFormat {
  return createAnswerFormat(`chatcmpl-${randomUuid()}`, chat.model, Math.floor(clock.nowMs() / 1_000));
}

function busy(hub: Hub, what: string, retryAfterSeconds: number): GridError {
  hub.metrics.refused(`too many ${what}`);
  return new GridError('nodes_busy', `This hub takes no more ${what} right now.`, { details: { retryAfterSeconds } });
}
