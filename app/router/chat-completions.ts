import type { Request, RequestHandler, Response } from 'express';
import { parseJsonBody } from '../http/json-body.ts';
import { estimateInputTokens, maxOutputTokensOf, parseChatRequest } from '../protocol/chat.ts';
import type { LiveJobHandle } from '../protocol/live-job.ts';
import { askPeers } from './ask-peers.ts';
import type { ShownAs } from './chunk-template.ts';
import { ClientStream } from './client-stream.ts';
import { answerFromOutside } from './last-resort.ts';
import { conversationOf } from './memory.ts';
import type { ClientRequest } from './peer-body.ts';
import { peerHeaders } from './peer-headers.ts';
import type { PeerStream } from './peer-stream.ts';
import { verifyReceipt } from '../protocol/receipt.ts';
import type { RouterDeps } from './router-deps.ts';
import { settle } from './settle.ts';
import { underway } from './underway.ts';
import { WholeAnswer } from './whole-answer.ts';

/** POST /v1/chat/completions */
export function chatCompletions(deps: RouterDeps): RequestHandler {
  return underway(deps, async (request, response, begin) => {
    const bytes = request.body as Buffer;
    const json = parseJsonBody(bytes) as object;
    const chat = parseChatRequest(json);
    const job = begin({ model: chat.model, maxOutputTokens: maxOutputTokensOf(chat) });
    const { requestId, signal, live } = job;
    const client = clientRequest(request, { chat, json, bytes, requestId });
    const settled = (stream: PeerStream) => settle(stream, chat.messages.length, deps, job.running());
    const answer = chat.stream ? streamAnswer : wholeAnswer;
    await answer(client, response, deps, signal, live, settled).catch((error: unknown) =>
      answerFromOutside(error, client, response, deps, signal, live),
    );
  });
}

export function clientRequest(
  request: Request,
  asked: Pick<ClientRequest, 'chat' | 'json' | 'bytes' | 'requestId'>,
): ClientRequest {
  const { chat } = asked;
  return {
    ...asked,
    conversation: conversationOf(chat, sessionOf(request)),
    inputTokens: estimateInputTokens(chat),
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
    response.end(stream.reader.usage ? DONE : usageEvent(request, stream, client.shown) + DONE);
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
      usage: usageOf(request, stream),
    }),
  );
}

const DONE = 'data: [DONE]\n\n';

/** Under the same name as the chunks before it. */
function usageEvent(request: ClientRequest, stream: PeerStream, shown: ShownAs | undefined): string {
  const fallback = { id: `chatcmpl-${stream.jobId.slice(0, 24)}`, model: stream.candidate.model };
  const { id, model } = shown ?? stream.reader.named ?? fallback;
  const chunk = {
    id,
    object: 'chat.completion.chunk',
    created: Math.floor(stream.startedAtMs / 1000),
    model,
    choices: [],
    usage: usageOf(request, stream),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** Of a peer that counted nothing: what its receipt says, else our estimate of four characters a token. */
export function usageOf(request: ClientRequest, { reader }: PeerStream) {
  const claimed = verifyReceipt(reader.receipt)?.receipt;
  const prompt_tokens = reader.usage?.prompt_tokens ?? claimed?.inputTokens ?? request.inputTokens;
  const completion_tokens =
    reader.usage?.completion_tokens ?? claimed?.outputTokens ?? Math.ceil(reader.answerBytes / 4);
  const cached = reader.usage?.prompt_tokens_details?.cached_tokens;
  return {
    prompt_tokens,
    completion_tokens,
    total_tokens: prompt_tokens + completion_tokens,
    ...(cached == null ? {} : { prompt_tokens_details: { cached_tokens: cached } }),
  };
}
