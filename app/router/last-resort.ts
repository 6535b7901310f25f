import type { Response } from 'express';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import { createAnswerFormat, DONE, type AnswerFormat, type WholeAnswer } from '../protocol/answer-format.ts';
import type { ChatDelta, ChatRequest } from '../protocol/chat.ts';
import { GridError, type GridErrorCode } from '../protocol/errors.ts';
import { SOURCE_HEADER } from '../protocol/headers.ts';
import type { LiveJobHandle } from '../protocol/live-job.ts';
import { modelOf } from './ask-peers.ts';
import type { ClientRequest } from './peer-body.ts';
import { staysClose } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';

/** An answer from outside the grid that has begun. */
export interface LastAnswer {
  /** who gives it, in words: 'IdleClaw hub.example' */
  readonly source: string;
  readonly model: string;
  deltas(): AsyncIterable<Pick<ChatDelta, 'content' | 'reasoning'>>;
}

/** Where a request may go when no peer can answer it. Unsigned and unpaid: no order, no receipt, no entry. */
export interface LastResort {
  /**
   * Resolves when an answer has begun; undefined where the owner allowed none; a problem when one was allowed and there is none.
   * @throws the signal's reason only
   */
  ask(request: ChatRequest, signal: AbortSignal): Promise<LastAnswer | { readonly problem: string } | undefined>;
}

const HOPELESS: ReadonlySet<GridErrorCode> = new Set(['no_peers', 'no_capable_peer', 'all_peers_failed']);

/**
 * Answers by the last resort, marked as such in a header, when the grid cannot.
 * @throws GridError the one the grid ended with, when there is no other answer either
 */
export async function answerFromOutside(
  thrown: unknown,
  client: ClientRequest,
  response: Response,
  deps: RouterDeps,
  signal: AbortSignal,
  live: LiveJobHandle,
): Promise<void> {
  const error = thrown instanceof GridError ? thrown : undefined;
  if (!error || !deps.lastResort || !HOPELESS.has(error.code)) throw thrown;
  if (staysClose(modelOf(client.chat.model, deps))) throw error;
  const answer = await deps.lastResort.ask(client.chat, signal);
  if (!answer) throw error;
  if ('problem' in answer)
    throw new GridError(error.code, `${error.message} ${answer.problem}`, { details: error.details, cause: error });
  live.via(answer.source);
  live.phase('streaming');
  deps.log.info({ source: answer.source, code: error.code }, 'answered from outside the grid');
  const format = createAnswerFormat(
    `chatcmpl-${client.requestId}`,
    // While it waited the client may have been told a name: the answer goes on under it.
    response.headersSent ? client.chat.model : answer.model,
    Math.floor(deps.nowMs() / 1000),
  );
  if (client.chat.stream) await stream(answer, format, response, signal, live);
  else await whole(answer, format, response, live);
}

async function stream(
  answer: LastAnswer,
  format: AnswerFormat,
  response: Response,
  signal: AbortSignal,
  live: LiveJobHandle,
): Promise<void> {
  if (!response.headersSent) response.set({ ...SSE_HEADERS, [SOURCE_HEADER]: answer.source }).flushHeaders();
  else await writeOrWait(response, `: ${SOURCE_HEADER}: ${answer.source}\n\n`, signal);
  let count = 0;
  try {
    await writeOrWait(response, format.role(), signal);
    for await (const delta of answer.deltas()) {
      count += 1;
      live.tokens(count);
      await writeOrWait(response, format.delta(delta), signal);
    }
  } catch (cause) {
    throw signal.aborted ? signal.reason : new GridError('peer_lost', undefined, { cause });
  }
  response.end(`${format.finish('stop')}${DONE}`);
}

async function whole(answer: LastAnswer, format: AnswerFormat, response: Response, live: LiveJobHandle): Promise<void> {
  const text: WholeAnswer = { content: '', reasoning: '', toolCalls: [], logprobs: [], reason: 'stop' };
  let count = 0;
  for await (const { content, reasoning } of answer.deltas()) {
    count += 1;
    live.tokens(count);
    text.content += content ?? '';
    text.reasoning += reasoning ?? '';
  }
  response.set(SOURCE_HEADER, answer.source).json(format.whole(text, undefined));
}
