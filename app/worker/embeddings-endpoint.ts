import type { RequestHandler } from 'express';
import { HangUp, hangUpSignal } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { embeddingAnswer, parseEmbeddingRequest } from '../protocol/embeddings.ts';
import { encodeHeaderJson, RECEIPT_HEADER } from '../protocol/headers.ts';
import { whoAsks } from './asker.ts';
import type { Serve } from './serve.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** POST /v1/embeddings */
export function embeddings(deps: WorkerDeps, serve: Serve): RequestHandler {
  return async (request, response) => {
    const body = request.body as Buffer;
    const asked = parseEmbeddingRequest(parseJsonBody(body));
    const asker = whoAsks(
      request.headers,
      { model: asked.model, body },
      { pubkey: deps.signer.pubkey, offer: deps.policy().price, nowMs: deps.nowMs() },
    );
    try {
      const job = await serve.embed(asker, asked, hangUpSignal(response));
      response
        .set(RECEIPT_HEADER, encodeHeaderJson(job.receipt))
        .json(embeddingAnswer(job.embeddings.vectors, asked, job.inputTokens));
    } catch (error) {
      if (error instanceof HangUp) return; // nobody is there to be told
      throw error;
    }
  };
}
