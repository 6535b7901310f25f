import type { RequestHandler } from 'express';
import { HangUp, hangUpSignal } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { requestIdOf } from '../http/request-id.ts';
import { embeddingAnswer, parseEmbeddingRequest } from '../protocol/embeddings.ts';
import { asGridError } from '../protocol/errors.ts';
import { encodeHeaderJson, RECEIPT_HEADER, REQUEST_ID_HEADER } from '../protocol/headers.ts';
import { whoAsks } from './asker.ts';
import { offerTo } from './capacity.ts';
import type { Serve } from './serve.ts';
import type { WorkerDeps } from './worker-deps.ts';
import type { WorkerMetrics } from './worker-metrics.ts';

/** POST /v1/embeddings */
export function embeddings(deps: WorkerDeps, serve: Serve, metrics: WorkerMetrics): RequestHandler {
  return async (request, response) => {
    const startedMs = performance.now();
    const requestId = requestIdOf(request, deps.randomHex);
    response.setHeader(REQUEST_ID_HEADER, requestId);
    let outcome = 'ok';
    try {
      const body = request.body as Buffer;
      const asked = parseEmbeddingRequest(parseJsonBody(body));
      const asker = whoAsks(
        request.headers,
        { model: asked.model, body },
        { pubkey: deps.signer.pubkey, offerTo: (pubkey) => offerTo(pubkey, deps), nowMs: deps.nowMs() },
      );
      const { embeddings: made, inputTokens, receipt } = await serve.embed(asker, asked, hangUpSignal(response));
      metrics.tokens({ inputTokens, outputTokens: 0 });
      response.set(RECEIPT_HEADER, encodeHeaderJson(receipt)).json(embeddingAnswer(made.vectors, asked, inputTokens));
    } catch (error) {
      outcome = error instanceof HangUp ? 'hung_up' : asGridError(error).code;
      if (error instanceof HangUp) return; // nobody is there to be told
      throw error;
    } finally {
      const seconds = (performance.now() - startedMs) / 1_000;
      metrics.ended(outcome, seconds);
      deps.log.info({ requestId, outcome, ms: Math.round(seconds * 1_000) }, 'embeddings ended');
    }
  };
}
