import type { RequestHandler, Response } from 'express';
import { hangUpSignal, HangUp } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { requestIdOf } from '../http/request-id.ts';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import { parseChatRequest, type Usage } from '../protocol/chat.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { encodeHeaderJson, RECEIPT_COMMENT, RECEIPT_HEADER, REQUEST_ID_HEADER } from '../protocol/headers.ts';
import { addDelta, createAnswerFormat, DONE, type AnswerFormat, type WholeAnswer } from '../protocol/answer-format.ts';
import { whoAsks } from './asker.ts';
import { offerTo } from './capacity.ts';
import type { AdmittedJob, Serve } from './serve.ts';
import type { WorkerDeps } from './worker-deps.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** A worker that got an order is never silent for longer, so that three seconds of silence mean a dead peer. */
const HEARTBEAT_MS = 1_000;

/** POST /v1/chat/completions */
export function chatCompletions(deps: WorkerDeps, serve: Serve, metrics: WorkerMetrics): RequestHandler {
  return async (request, response) => {
    const startedMs = performance.now();
    const requestId = requestIdOf(request, deps.randomHex);
    response.setHeader(REQUEST_ID_HEADER, requestId);
    let outcome = 'ok';
    let jobId: string | undefined;
    try {
      const body = request.body as Buffer;
      const chat = parseChatRequest(parseJsonBody(body));
      const asker = whoAsks(
        request.headers,
        { model: chat.model, body },
        { pubkey: deps.signer.pubkey, offerTo: (pubkey) => offerTo(pubkey, deps), nowMs: deps.nowMs() },
      );
      const hangUp = hangUpSignal(response);
      const job = await serve.admit(asker, chat, hangUp);
      jobId = job.jobId;
      const format = createAnswerFormat(`chatcmpl-${jobId.slice(0, 24)}`, chat.model, Math.floor(deps.nowMs() / 1000));
      if (chat.stream) metrics.tokens(await streamAnswer(job, format, response, hangUp));
      else metrics.tokens(await wholeAnswer(job, format, response));
    } catch (error) {
      outcome = error instanceof HangUp ? 'hung_up' : asGridError(error).code;
      if (error instanceof HangUp) return; // nobody is there to be told
      throw error;
    } finally {
      const seconds = (performance.now() - startedMs) / 1_000;
      metrics.ended(outcome, seconds);
      deps.log.info({ requestId, jobId, outcome, ms: Math.round(seconds * 1_000) }, 'request ended');
    }
  };
}

async function streamAnswer(
  job: AdmittedJob,
  format: AnswerFormat,
  response: Response,
  hangUp: AbortSignal,
): Promise<Usage> {
  let lastWriteMs = 0;
  const write = (text: string): Promise<void> | undefined => {
    lastWriteMs = performance.now();
    return writeOrWait(response, text, hangUp);
  };
  const begin = () => {
    if (!response.headersSent) response.set(SSE_HEADERS).flushHeaders();
  };
  // Without an order the status is kept back until there is an answer: v1 peers learn of a failure by it.
  let heartbeat: NodeJS.Timeout | undefined;
  if (job.asker.kind !== 'unsigned') {
    begin();
    heartbeat = setInterval(() => {
      if (performance.now() - lastWriteMs >= HEARTBEAT_MS - 50 && !response.writableNeedDrain) response.write(':\n\n');
    }, HEARTBEAT_MS);
  }
  try {
    let usage: Usage | undefined;
    let started = false;
    for await (const event of job.answer()) {
      begin();
      if (!started) await write(format.role());
      started = true;
      if (event.type === 'delta') await write(format.delta(event.delta));
      else {
        await write(format.finish(event.reason));
        usage = event.usage;
      }
    }
    if (!usage) throw new GridError('engine_cut');
    const receipt = await job.receipt(usage);
    await write(`${format.usage(usage)}${RECEIPT_COMMENT}${encodeHeaderJson(receipt)}\n\n${DONE}`);
    response.end();
    return usage;
  } catch (error) {
    // The error event follows; without this the other side would have to ask for the receipt of what it got.
    if (job.cutReceipt && response.headersSent && !hangUp.aborted)
      await write(`${RECEIPT_COMMENT}${encodeHeaderJson(job.cutReceipt)}\n\n`);
    throw error;
  } finally {
    clearInterval(heartbeat);
  }
}

async function wholeAnswer(job: AdmittedJob, format: AnswerFormat, response: Response): Promise<Usage> {
  const answer: WholeAnswer = { content: '', reasoning: '', toolCalls: [], logprobs: [], reason: 'stop' };
  let usage: Usage | undefined;
  for await (const event of job.answer()) {
    if (event.type === 'delta') addDelta(answer, event.delta);
    else {
      answer.reason = event.reason;
      usage = event.usage;
    }
  }
  if (!usage) throw new GridError('engine_cut');
  const receipt = await job.receipt(usage);
  response.set(RECEIPT_HEADER, encodeHeaderJson(receipt)).json(format.whole(answer, usage));
  return usage;
}
