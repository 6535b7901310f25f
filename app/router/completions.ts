import { StringDecoder } from 'node:string_decoder';
import type { Request, RequestHandler, Response } from 'express';
import { parseJsonBody } from '../http/json-body.ts';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import { maxOutputTokensOf, parseChatRequest } from '../protocol/chat.ts';
import { chatOfCompletion } from '../protocol/completions.ts';
import type { Chunk } from './answer-chunk.ts';
import type { AnswerListener } from './answer-reader.ts';
import { askPeers } from './ask-peers.ts';
import { clientRequest, usageOf } from './chat-completions.ts';
import type { ClientRequest } from './peer-body.ts';
import { peerHeaders } from './peer-headers.ts';
import type { PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';
import { settle } from './settle.ts';
import { underway, type Underway } from './underway.ts';

const HEARTBEAT_MS = 5_000;

/** POST /v1/completions: asked of peers as the chat it means, so each of them can answer it. */
export function completions(deps: RouterDeps): RequestHandler {
  return underway(deps, async (request, response, begin) => {
    const json = chatOfCompletion(parseJsonBody(request.body));
    const chat = parseChatRequest(json);
    const job = begin({ model: chat.model, maxOutputTokens: maxOutputTokensOf(chat) });
    const client = clientOf(request, json, chat, job);
    const answer = chat.stream ? streamText : wholeText;
    await answer(client, response, deps, job);
  });
}

function clientOf(request: Request, json: object, chat: ClientRequest['chat'], job: Underway): ClientRequest {
  const bytes = Buffer.from(JSON.stringify(json));
  return clientRequest(request, { chat, json, bytes, requestId: job.requestId });
}

/** The text of a stream that arrived since it was last taken. There is no place for reasoning in this API. */
class TextSince implements AnswerListener {
  // A peer may cut its chunks inside a letter.
  private readonly decoder = new StringDecoder('utf8');
  private pending = '';

  text(latin1: string): void {
    this.pending += this.decoder.write(Buffer.from(latin1, 'latin1'));
  }

  chunk(chunk: Chunk): void {
    for (const { delta } of chunk.choices) this.pending += delta?.content ?? '';
  }

  take(): string {
    const text = this.pending;
    this.pending = '';
    return text;
  }
}

async function wholeText(client: ClientRequest, response: Response, deps: RouterDeps, job: Underway): Promise<void> {
  let text = new TextSince();
  const stream = await askPeers(client, deps, job.signal, {
    isShown: () => false,
    // What a peer that was lost had said is not mixed in.
    listener: () => (text = new TextSince()),
    onTry: (tried) => job.live.with(tried.candidate.known.peer.pubkey),
    take(_piece, { reader }) {
      job.live.tokens(reader.deltas);
      return undefined;
    },
  });
  await settle(stream, client.chat.messages.length, deps, job.running());
  response.set(peerHeaders(stream)).json({
    ...headOf(client, stream.candidate.model, deps),
    choices: [{ text: text.take(), index: 0, logprobs: null, finish_reason: finishOf(stream) }],
    usage: usageOf(client, stream),
  });
}

async function streamText(client: ClientRequest, response: Response, deps: RouterDeps, job: Underway): Promise<void> {
  let text = new TextSince();
  let shown = false;
  // Whoever answers in the end, the client was told one name.
  const head = headOf(client, client.chat.model, deps);
  const event = (members: object) => `data: ${JSON.stringify({ ...head, ...members })}\n\n`;
  const said = (words: string, finish: string | null = null) =>
    event({ choices: [{ text: words, index: 0, logprobs: null, finish_reason: finish }] });
  const write = (words: string): Promise<void> | undefined => writeOrWait(response, words, job.signal);
  const open = (headers: Record<string, string> = {}) => {
    if (!response.headersSent) response.set({ ...SSE_HEADERS, ...headers }).flushHeaders();
  };
  const heartbeat = setInterval(() => {
    open();
    if (!response.writableNeedDrain) response.write(said(''));
  }, HEARTBEAT_MS);
  try {
    const stream = await askPeers(client, deps, job.signal, {
      isShown: () => shown,
      listener: () => (text = new TextSince()),
      onTry: (tried) => job.live.with(tried.candidate.known.peer.pubkey),
      take(_piece, from) {
        job.live.tokens(from.reader.deltas);
        const words = text.take();
        if (words === '') return undefined;
        if (!shown) {
          shown = true;
          clearInterval(heartbeat);
          job.live.phase('streaming');
          open(peerHeaders(from));
        }
        return write(said(words));
      },
    });
    await settle(stream, client.chat.messages.length, deps, job.running());
    open(peerHeaders(stream));
    response.end(
      `${said('', finishOf(stream))}${event({ choices: [], usage: usageOf(client, stream) })}data: [DONE]\n\n`,
    );
  } finally {
    clearInterval(heartbeat);
  }
}

function headOf({ requestId }: ClientRequest, model: string, deps: RouterDeps) {
  return {
    id: `cmpl-${requestId}`,
    object: 'text_completion',
    created: Math.floor(deps.nowMs() / 1000),
    model,
  };
}

/** A chat may also end with 'tool_calls', which this API does not have. */
function finishOf({ reader: { finishReason } }: PeerStream): string {
  return finishReason === 'length' || finishReason === 'content_filter' ? finishReason : 'stop';
}
