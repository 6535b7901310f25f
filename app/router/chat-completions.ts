import type { Request, RequestHandler, Response } from 'express';
import { HangUp, hangUpController } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { requestIdOf } from '../http/request-id.ts';
import { estimateInputTokens, maxOutputTokensOf, parseChatRequest } from '../protocol/chat.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { JOB_HEADER, REQUEST_ID_HEADER, WORKER_HEADER } from '../protocol/headers.ts';
import type { LiveJobHandle } from '../protocol/live-job.ts';
import { askPeers } from './ask-peers.ts';
import { ClientStream } from './client-stream.ts';
import { answerFromOutside } from './last-resort.ts';
import { conversationOf } from './memory.ts';
import type { ClientRequest } from './peer-body.ts';
import type { PeerStream } from './peer-stream.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import type { RouterDeps } from './router-deps.ts';
import { settle } from './settle.ts';
import { WholeAnswer } from './whole-answer.ts';

class Stopped extends Error {}

/** POST /v1/chat/completions */
export function chatCompletions(deps: RouterDeps): RequestHandler {
  let running = 0;
  return async (request, response) => {
    if (deps.stopping.aborted) throw new GridError('shutting_down');
    const bytes = request.body as Buffer;
    const json = parseJsonBody(bytes);
    const chat = parseChatRequest(json);
    const requestId = requestIdOf(request, deps.randomHex);
    response.setHeader(REQUEST_ID_HEADER, requestId);
    const client: ClientRequest = {
      chat,
      json: json as object,
      bytes,
      requestId,
      conversation: conversationOf(chat, sessionOf(request)),
      inputTokens: estimateInputTokens(chat),
    };
    const stop = hangUpController(response);
    const live = deps.jobs.begin({
      jobId: requestId,
      direction: 'asking',
      model: chat.model,
      otherPubkey: 'anonymous',
      maxOutputTokens: maxOutputTokensOf(chat),
      startedAtMs: deps.nowMs(),
      stop: () => stop.abort(new Stopped('stopped from the user interface')),
    });
    running += 1;
    const startedMs = performance.now();
    let outcome = 'ok';
    const settled = (stream: PeerStream) => settle(stream, chat.messages.length, deps, running);
    try {
      const answer = chat.stream ? streamAnswer : wholeAnswer;
      await answer(client, response, deps, stop.signal, live, settled).catch((error: unknown) =>
        answerFromOutside(error, client, response, deps, stop.signal, live),
      );
    } catch (thrown) {
      outcome = thrown instanceof HangUp ? 'hung_up' : thrown instanceof Stopped ? 'stopped' : asGridError(thrown).code;
      if (thrown instanceof HangUp) return;
      throw thrown instanceof Stopped
        ? new GridError('shutting_down', 'The request was stopped by its owner.')
        : thrown;
    } finally {
      running -= 1;
      live.end();
      const seconds = (performance.now() - startedMs) / 1_000;
      deps.metrics.ended(outcome, seconds);
      deps.log.info({ requestId, model: chat.model, outcome, ms: Math.round(seconds * 1_000) }, 'request ended');
    }
  };
}

/** openclaw names its conversations; whatever else comes under this name is as good. */
function sessionOf(request: Request): string | undefined {
  const session = request.headers['x-session-affinity'];
  return typeof session === 'string' && session !== '' ? session.slice(0, 256) : undefined;
}

async function streamAnswer(
  request: ClientRequest,
  response: Response,
  deps: RouterDeps,
  signal: AbortSignal,
  live: LiveJobHandle,
  settled: (stream: PeerStream) => Promise<void>,
): Promise<void> {
  const startedAtMs = deps.nowMs();
  const client = new ClientStream(response, signal, {
    as: { id: `chatcmpl-${request.requestId}`, model: request.chat.model },
  });
  try {
    const stream = await askPeers(request, deps, signal, {
      isShown: () => client.begun,
      onTry: (tried) => {
        client.tryPeer(tried);
        live.with(tried.candidate.known.peer.pubkey);
      },
      take(piece, from) {
        const first = !client.begun;
        const taken = client.take(piece, from, () => peerHeaders(from));
        if (first && client.begun) {
          live.phase('streaming');
          deps.metrics.firstContent((deps.nowMs() - startedAtMs) / 1_000);
        }
        live.tokens(from.reader.deltas);
        return taken;
      },
    });
    await settled(stream);
    response.end(stream.reader.usage ? DONE : usageEvent(request, stream) + DONE);
  } finally {
    client.close();
  }
}

async function wholeAnswer(
  request: ClientRequest,
  response: Response,
  deps: RouterDeps,
  signal: AbortSignal,
  live: LiveJobHandle,
  settled: (stream: PeerStream) => Promise<void>,
): Promise<void> {
  let answer = new WholeAnswer();
  const stream = await askPeers(request, deps, signal, {
    isShown: () => false,
    // What a peer that was lost had said is not mixed in.
    listener: () => (answer = new WholeAnswer()),
    onTry: (tried) => live.with(tried.candidate.known.peer.pubkey),
    take(_piece, { reader }) {
      if (reader.deltas > 0) live.phase('streaming');
      live.tokens(reader.deltas);
      return undefined;
    },
  });
  await settled(stream);
  response.set(peerHeaders(stream)).json(
    answer.json({
      id: `chatcmpl-${stream.jobId.slice(0, 24)}`,
      model: stream.candidate.model,
      createdSeconds: Math.floor(stream.startedAtMs / 1000),
      finishReason: stream.reader.finishReason ?? 'stop',
      usage: stream.reader.usage,
    }),
  );
}

const DONE = 'data: [DONE]\n\n';

/** A peer that counted nothing: what its receipt says, else our estimate of four characters a token. */
function usageEvent(request: ClientRequest, { reader, candidate, jobId, startedAtMs }: PeerStream): string {
  const claimed = verifyReceipt(reader.receipt)?.receipt;
  const prompt_tokens = claimed?.inputTokens ?? request.inputTokens;
  const completion_tokens = claimed?.outputTokens ?? Math.ceil(reader.answerBytes / 4);
  const chunk = {
    id: `chatcmpl-${jobId.slice(0, 24)}`,
    object: 'chat.completion.chunk',
    created: Math.floor(startedAtMs / 1000),
    model: candidate.model,
    choices: [],
    usage: { prompt_tokens, completion_tokens, total_tokens: prompt_tokens + completion_tokens },
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** A v1 worker chooses its own job id and tells it in its receipt only. */
function peerHeaders(stream: PeerStream): Record<string, string> {
  return {
    [WORKER_HEADER]: stream.candidate.known.peer.pubkey,
    ...(stream.order ? { [JOB_HEADER]: stream.jobId } : {}),
  };
}
