import type { RequestHandler, Response } from 'express';
import { endWithError } from '../http/error-handler.ts';
import { HangUp, hangUpSignal } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import { maxOutputTokensOf, parseChatRequest } from '../protocol/chat.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { JOB_HEADER, WORKER_HEADER } from '../protocol/headers.ts';
import type { LiveJobHandle } from '../protocol/live-job.ts';
import { askUntilBegun, askUntilWhole, noteFailure, type BegunAnswer } from './ask-peers.ts';
import { answerFromOutside } from './last-resort.ts';
import type { ClientRequest } from './peer-body.ts';
import type { PeerEvent, PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';
import { settle } from './settle.ts';
import { WholeAnswer } from './whole-answer.ts';

class Stopped extends Error {}

/** POST /v1/chat/completions */
export function chatCompletions(deps: RouterDeps): RequestHandler {
  return async (request, response) => {
    if (deps.stopping.aborted) throw new GridError('shutting_down');
    const bytes = request.body as Buffer;
    const json = parseJsonBody(bytes);
    const chat = parseChatRequest(json);
    const client: ClientRequest = { chat, json: json as object, bytes };
    const stop = new AbortController();
    const signal = AbortSignal.any([hangUpSignal(response), stop.signal]);
    const live = deps.jobs.begin({
      jobId: deps.randomHex(16),
      direction: 'asking',
      model: chat.model,
      otherPubkey: 'anonymous',
      maxOutputTokens: maxOutputTokensOf(chat),
      startedAtMs: deps.nowMs(),
      stop: () => stop.abort(new Stopped('stopped from the user interface')),
    });
    live.phase('waiting');
    try {
      const answer = chat.stream ? streamAnswer : wholeAnswer;
      await answer(client, response, deps, signal, live).catch((error: unknown) =>
        answerFromOutside(error, client, response, deps, signal, live),
      );
    } catch (error) {
      if (error instanceof HangUp) return;
      throw error instanceof Stopped ? new GridError('shutting_down', 'The request was stopped by its owner.') : error;
    } finally {
      live.end();
    }
  };
}

async function streamAnswer(
  client: ClientRequest,
  response: Response,
  deps: RouterDeps,
  signal: AbortSignal,
  live: LiveJobHandle,
): Promise<void> {
  const startedMs = performance.now();
  const { stream, head, rest } = await askUntilBegun(client, deps, signal);
  deps.roster.succeeded(stream.candidate.known.peer.pubkey, undefined);
  live.with(stream.candidate.known.peer.pubkey);
  live.phase('streaming');
  response.set({ ...SSE_HEADERS, ...peerHeaders(stream) }).flushHeaders();
  deps.log.debug({ jobId: stream.jobId, firstMs: Math.round(performance.now() - startedMs) }, 'answer begun');
  try {
    await relay({ stream, head, rest }, client, response, signal, live);
  } catch (thrown) {
    if (signal.aborted) throw signal.reason;
    const error = asGridError(thrown);
    noteFailure(stream.candidate, error, deps);
    endWithError(response, new GridError('peer_lost', undefined, { cause: error }), 'openai');
    return;
  }
  await settle(stream, client.chat.messages.length, deps);
  response.end('data: [DONE]\n\n');
}

async function relay(
  answer: BegunAnswer,
  client: ClientRequest,
  response: Response,
  signal: AbortSignal,
  live: LiveJobHandle,
): Promise<void> {
  const wantsUsage = client.chat.stream_options?.include_usage === true;
  const pass = async ({ raw, chunk }: PeerEvent) => {
    // A chunk without choices is for those who asked for it: simple clients look at the first choice of each.
    if (!wantsUsage && chunk.choices.length === 0) return;
    live.tokens(answer.stream.meter.deltas);
    await writeOrWait(response, `${raw.toString('utf8')}\n\n`, signal);
  };
  for (const event of answer.head) await pass(event);
  for await (const event of answer.rest) await pass(event);
}

async function wholeAnswer(
  client: ClientRequest,
  response: Response,
  deps: RouterDeps,
  signal: AbortSignal,
  live: LiveJobHandle,
): Promise<void> {
  let from: PeerStream | undefined;
  let answer = new WholeAnswer();
  const stream = await askUntilWhole(client, deps, signal, (current, { chunk }) => {
    if (current !== from) {
      from = current;
      answer = new WholeAnswer(); // what a peer that was lost had said is not mixed in
      live.with(current.candidate.known.peer.pubkey);
      live.phase('streaming');
    }
    live.tokens(current.meter.deltas);
    answer.add(chunk);
  });
  deps.roster.succeeded(stream.candidate.known.peer.pubkey, undefined);
  await settle(stream, client.chat.messages.length, deps);
  response.set(peerHeaders(stream)).json(
    answer.json({
      id: `chatcmpl-${stream.jobId.slice(0, 24)}`,
      model: stream.candidate.model,
      createdSeconds: Math.floor(stream.startedAtMs / 1000),
      finishReason: stream.meter.finishReason ?? 'stop',
      usage: stream.meter.usage,
    }),
  );
}

/** A v1 worker chooses its own job id and tells it in its receipt only. */
function peerHeaders(stream: PeerStream): Record<string, string> {
  return {
    [WORKER_HEADER]: stream.candidate.known.peer.pubkey,
    ...(stream.order ? { [JOB_HEADER]: stream.jobId } : {}),
  };
}
