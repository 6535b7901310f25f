import { request } from 'undici';
import { unreachableSentence } from '../peers/probe.ts';
import { sha256Hex } from '../protocol/ed25519.ts';
import {
  estimateEmbeddingTokens,
  parseEmbeddingAnswer,
  type EmbeddingRequest,
  type Embeddings,
} from '../protocol/embeddings.ts';
import { GridError } from '../protocol/errors.ts';
import {
  decodeHeaderJson,
  encodeHeaderJson,
  ORDER_HEADER,
  RECEIPT_HEADER,
  REQUEST_ID_HEADER,
  REQUESTER_HEADER,
} from '../protocol/headers.ts';
import { issueOrder } from '../protocol/order.ts';
import { firstTokenLimitMs } from './memory.ts';
import { refusalOf } from './exchange.ts';
import { ORDER_LIFE_MS } from './peer-stream.ts';
import type { Candidate } from './pick-peer.ts';
import type { RouterDeps } from './router-deps.ts';
import type { Answered } from './settle.ts';

/** A vector of 65,536 numbers of twenty characters is more than a megabyte; nobody makes so many of them. */
const MAX_ANSWER_BYTES = 256 * 1024 * 1024;
const MAX_ERROR_BYTES = 64 * 1024;

export interface AskedEmbeddings {
  readonly embeddings: Embeddings;
  /** what is settled */
  readonly answered: Answered;
}

/**
 * Asks one peer, under a signed order for a single token of output: embeddings have none.
 * @throws GridError peer_unreachable, peer_refused, peer_misbehaved, peer_lost; the signal's reason when aborted
 */
export async function askForEmbeddings(
  candidate: Candidate,
  asked: EmbeddingRequest,
  requestId: string,
  deps: RouterDeps,
  signal: AbortSignal,
): Promise<AskedEmbeddings> {
  const { peer } = candidate.known;
  const body = Buffer.from(
    JSON.stringify({
      model: candidate.model,
      input: asked.inputs,
      ...(asked.dimensions === undefined ? {} : { dimensions: asked.dimensions }),
    }),
  );
  const startedAtMs = deps.nowMs();
  const order = issueOrder(
    {
      nonce: deps.randomHex(16),
      workerPubkey: peer.pubkey,
      model: candidate.model,
      maxOutputTokens: 1,
      price: candidate.price,
      bodySha256: sha256Hex(body),
      issuedAt: startedAtMs,
      deadline: startedAtMs + ORDER_LIFE_MS,
    },
    deps.signer,
  );
  const limitMs = firstTokenLimitMs(estimateEmbeddingTokens(asked), undefined);
  const late = AbortSignal.timeout(limitMs);
  try {
    const response = await request(`${peer.url}/v1/embeddings`, {
      method: 'POST',
      dispatcher: deps.dispatcher,
      signal: AbortSignal.any([signal, late]),
      headersTimeout: 0,
      bodyTimeout: deps.limits.v1StallMs,
      headers: {
        'content-type': 'application/json',
        [REQUESTER_HEADER]: deps.signer.pubkey,
        [REQUEST_ID_HEADER]: requestId,
        [ORDER_HEADER]: encodeHeaderJson({ order: order.order, signature: order.signature }),
      },
      body,
    });
    const { statusCode: status } = response;
    const bytes = await readAtMost(response.body, status === 200 ? MAX_ANSWER_BYTES : MAX_ERROR_BYTES);
    if (status !== 200) throw refusalOf({ status, parts: [bytes] });
    const embeddings = parseEmbeddingAnswer(parseJson(bytes), asked.inputs.length);
    if (!embeddings)
      throw new GridError('peer_misbehaved', 'The peer answered something that is not a list of embeddings.');
    return {
      embeddings,
      answered: {
        candidate,
        order,
        jobId: order.jobId,
        requestBytes: body.length,
        maxOutputTokens: 1,
        startedAtMs,
        reader: { answerBytes: 0, toolCalls: 0, receipt: decodeHeaderJson(response.headers[RECEIPT_HEADER]) },
        settled: () => undefined,
      },
    };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof GridError) throw error;
    if (late.aborted) throw new GridError('peer_lost', `The peer gave no embeddings for ${limitMs / 1_000} s.`);
    throw new GridError('peer_unreachable', unreachableSentence(error), { cause: error });
  }
}

async function readAtMost(body: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of body) {
    bytes += part.length;
    if (bytes > most) throw new GridError('peer_misbehaved', 'The peer sends far more than was ordered.');
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return undefined;
  }
}
