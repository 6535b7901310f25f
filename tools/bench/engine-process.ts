import { createServer, type ServerResponse } from 'node:http';
import { createSigner, sha256Hex } from '../../app/protocol/ed25519.ts';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import { decodeHeaderJson, encodeHeaderJson, ORDER_HEADER, RECEIPT_COMMENT } from '../../app/protocol/headers.ts';
import type { SignedOrder } from '../../app/protocol/order.ts';
import { V1_PRICE } from '../../app/protocol/price.ts';
import { issueReceipt } from '../../app/protocol/receipt.ts';
import { CHUNKS, FIRST_TOKEN_MS, GAP_MS, MODEL, PACED_PROMPT } from './workload.ts';

/**
 * What all three ways end at: an OpenAI-compatible engine that costs next to nothing, and that is a Lobstah worker for whom
 * sends an order: then a signed receipt precedes `[DONE]`. It answers the same 64 tokens to everybody.
 */
const signer = createSigner(Buffer.alloc(32, 7));
const head = `data: {"id":"chatcmpl-bench","object":"chat.completion.chunk","created":1790000000,"model":"${MODEL}","choices":`;
const tokens = Array.from(
  { length: CHUNKS },
  (_, index) => `${head}[{"index":0,"delta":{"content":" token${index}"},"finish_reason":null}]}\n\n`,
);
const finish =
  `${head}[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n` +
  `${head}[],"usage":{"prompt_tokens":16,"completion_tokens":${CHUNKS},"total_tokens":${16 + CHUNKS}}}\n\n`;
const DONE = 'data: [DONE]\n\n';
const whole = JSON.stringify({
  id: 'chatcmpl-bench',
  object: 'chat.completion',
  created: 1790000000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: tokens.map((_, index) => ` token${index}`).join('') },
      finish_reason: 'stop',
    },
  ],
  usage: { prompt_tokens: 16, completion_tokens: CHUNKS, total_tokens: 16 + CHUNKS },
});
const capacity = JSON.stringify({
  pubkey: signer.pubkey,
  models: [MODEL],
  tier: 'interactive',
  concurrency: 1000,
  queueDepth: 0,
  jobCounts: { queued: 0, running: 0, done: 0, failed: 0 },
  order: 1,
  protocol: 2,
  sharing: 'ready',
  offers: [{ model: MODEL, contextLength: 32_768, capabilities: [], loaded: true, price: V1_PRICE }],
});

function receiptFor(header: string): string {
  const { order } = decodeHeaderJson(header) as SignedOrder;
  const nowMs = Date.now();
  const receipt = issueReceipt(
    {
      version: 1,
      jobId: sha256Hex(canonicalJson(order)),
      nonce: order.nonce,
      requesterPubkey: order.requesterPubkey,
      workerPubkey: signer.pubkey,
      model: order.model,
      inputTokens: 16,
      outputTokens: CHUNKS,
      startedAt: nowMs,
      completedAt: nowMs,
    },
    signer,
  );
  return `${RECEIPT_COMMENT}${encodeHeaderJson(receipt)}\n\n`;
}

function answer(response: ServerResponse, order: string | undefined, body: string): void {
  if (!body.includes('"stream":true')) {
    response.writeHead(200, { 'content-type': 'application/json' }).end(whole);
    return;
  }
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  const end = finish + (order ? receiptFor(order) : '') + DONE;
  if (!body.includes(PACED_PROMPT)) {
    for (const token of tokens) response.write(token);
    response.end(end);
    return;
  }
  let sent = 0;
  const next = (): void => {
    if (response.destroyed) return;
    response.write(tokens[sent]);
    sent += 1;
    if (sent < CHUNKS) setTimeout(next, GAP_MS);
    else response.end(end);
  };
  response.flushHeaders();
  setTimeout(next, FIRST_TOKEN_MS);
}

const server = createServer((request, response) => {
  if (request.url === '/capacity') {
    response.writeHead(200, { 'content-type': 'application/json' }).end(capacity);
    return;
  }
  if (request.url === '/v1/models') {
    const models = JSON.stringify({ object: 'list', data: [{ id: MODEL, object: 'model', owned_by: 'bench' }] });
    response.writeHead(200, { 'content-type': 'application/json' }).end(models);
    return;
  }
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () =>
    answer(response, request.headers[ORDER_HEADER] as string | undefined, Buffer.concat(parts).toString()),
  );
});
server.listen(0, '127.0.0.1', 2048, () => {
  const { port } = server.address() as { port: number };
  process.send?.({ url: `http://127.0.0.1:${port}`, pubkey: signer.pubkey });
});
