import type { RequestHandler } from 'express';
import { parseJsonBody } from '../http/json-body.ts';
import {
  embeddingAnswer,
  estimateEmbeddingTokens,
  parseEmbeddingRequest,
  type EmbeddingRequest,
} from '../protocol/embeddings.ts';
import { asGridError } from '../protocol/errors.ts';
import { askForEmbeddings, type AskedEmbeddings } from './ask-embeddings.ts';
import { failureOf, MAX_ATTEMPTS, noteFailure, pickFor, type Failure } from './ask-peers.ts';
import { underway, type Underway } from './underway.ts';
import { peerHeaders } from './peer-headers.ts';
import type { RouterDeps } from './router-deps.ts';
import { settle } from './settle.ts';

/** POST /v1/embeddings */
export function embeddings(deps: RouterDeps): RequestHandler {
  return underway(deps, async (request, response, begin) => {
    const asked = parseEmbeddingRequest(parseJsonBody(request.body));
    const job = begin({ model: asked.model, maxOutputTokens: 1 });
    const { embeddings: made, answered } = await askPeersForEmbeddings(asked, deps, job);
    await settle(answered, asked.inputs.length, deps, job.running());
    const inputTokens = made.inputTokens ?? estimateEmbeddingTokens(asked);
    response
      .set(peerHeaders(answered))
      .json(embeddingAnswer(made.vectors, { model: answered.candidate.model, encoding: asked.encoding }, inputTokens));
  });
}

/** One peer after the other: nothing of an answer is seen before it is whole, so each may take over. */
async function askPeersForEmbeddings(
  asked: EmbeddingRequest,
  deps: RouterDeps,
  { requestId, signal, live }: Underway,
): Promise<AskedEmbeddings> {
  const { candidates, leftOut } = await pickFor(
    { model: asked.model, kind: 'embedding', inputTokens: longest(asked), tools: false, vision: false, lossOnV1: [] },
    deps,
  );
  const failures: Failure[] = [];
  for (const candidate of candidates.slice(0, MAX_ATTEMPTS)) {
    signal.throwIfAborted();
    const { pubkey } = candidate.known.peer;
    live.with(pubkey);
    const ended = deps.memory.begin(pubkey);
    try {
      const answer = await askForEmbeddings(candidate, asked, requestId, deps, signal);
      deps.roster.succeeded(pubkey, undefined);
      return answer;
    } catch (thrown) {
      if (signal.aborted) throw signal.reason;
      const error = asGridError(thrown);
      noteFailure(candidate, error, deps);
      deps.metrics.peerFailed(error.code);
      deps.log.info({ requestId, peer: pubkey, code: error.code }, 'peer failed');
      failures.push({ candidate, error });
    } finally {
      ended();
    }
  }
  throw failureOf(failures, leftOut);
}

/** Each text has the context to itself. */
function longest(asked: EmbeddingRequest): number {
  return Math.max(...asked.inputs.map((text) => estimateEmbeddingTokens({ ...asked, inputs: [text] })));
}
