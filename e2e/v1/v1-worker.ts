import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';

/** What a v1 worker was asked, as it saw it. */
export interface V1Asked {
  readonly body: Record<string, unknown>;
  readonly requester: string | undefined;
}

export interface V1WorkerOptions {
  readonly signer: Signer;
  readonly models?: readonly string[];
  readonly tokens?: readonly string[];
  /** changes the receipt before it is signed */
  readonly receipt?: (receipt: Record<string, unknown>) => Record<string, unknown>;
  /** changes what is sent as the receipt; undefined sends none */
  readonly signed?: (signed: { receipt: Record<string, unknown>; signature: string }) => unknown;
  readonly status?: { readonly code: number; readonly body: unknown };
  /** ends the connection after so many tokens */
  readonly dieAfter?: number;
  readonly withoutDone?: boolean;
}

/**
 * A worker of Lobstah v1, built from the facts in docs/protocol.md: strict about bodies, lenient about everything else, and
 * without any idea of orders. For contract tests only.
 */
export async function startV1Worker(options: V1WorkerOptions) {
  const asked: V1Asked[] = [];
  const models = options.models ?? ['llama3.1:8b'];
  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '/';
    if (path === '/pubkey') return send(response, 200, { pubkey: options.signer.pubkey });
    if (path === '/v1/models')
      return send(response, 200, { object: 'list', data: models.map((id) => ({ id, object: 'model' })) });
    if (path === '/capacity')
      return send(response, 200, {
        pubkey: options.signer.pubkey,
        models,
        tier: 'interactive',
        concurrency: 1,
        queueDepth: 0,
        jobCounts: { queued: 0, running: 0 },
      });
    if (path !== '/v1/chat/completions') return send(response, 404, { error: { type: 'not_found' } });
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part as string;
    const body = JSON.parse(text) as Record<string, unknown>;
    const problem = v1Problem(body);
    if (problem) return send(response, 400, { error: { formErrors: [], fieldErrors: { messages: [problem] } } });
    const requester = request.headers['x-lobstah-requester'];
    asked.push({ body, requester: typeof requester === 'string' ? requester : undefined });
    if (options.status) return send(response, options.status.code, options.status.body);
    answer(response, body, typeof requester === 'string' ? requester : 'anonymous');
  }

  function answer(response: ServerResponse, body: Record<string, unknown>, requester: string): void {
    const tokens = options.tokens ?? ['Hello', ' from', ' v1'];
    const model = String(body['model']);
    const startedAt = Date.now();
    const receipt = {
      version: 1,
      jobId: randomUUID(),
      nonce: randomBytes(16).toString('hex'),
      requesterPubkey: requester,
      workerPubkey: options.signer.pubkey,
      model,
      inputTokens: 11,
      outputTokens: tokens.length,
      startedAt,
      completedAt: Date.now(),
    };
    const claimed = options.receipt?.(receipt) ?? receipt;
    const signed = { receipt: claimed, signature: options.signer.sign(canonicalJson(claimed)) };
    const shown = options.signed ? options.signed(signed) : signed;
    const header = shown === undefined ? undefined : Buffer.from(JSON.stringify(shown)).toString('base64');
    const usage = { prompt_tokens: 11, completion_tokens: tokens.length, total_tokens: 11 + tokens.length };
    if (body['stream'] !== true) {
      if (header) response.setHeader('x-lobstah-receipt', header);
      const message = { role: 'assistant', content: tokens.join('') };
      return send(response, 200, {
        id: 'x',
        object: 'chat.completion',
        model,
        choices: [{ index: 0, message, finish_reason: 'stop' }],
        usage,
      });
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const chunk = (value: object) =>
      response.write(`data: ${JSON.stringify({ id: 'x', object: 'chat.completion.chunk', model, ...value })}\n\n`);
    for (const [index, content] of tokens.entries()) {
      if (index === options.dieAfter) {
        // After what was written has left: a reset would take it along.
        setTimeout(() => response.destroy(), 20);
        return;
      }
      chunk({ choices: [{ index: 0, delta: { role: 'assistant', content }, finish_reason: null }] });
    }
    chunk({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    chunk({ choices: [], usage });
    if (header) response.write(`:lobstah-receipt:${header}\n\n`);
    response.end(options.withoutDone ? '' : 'data: [DONE]\n\n');
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, pubkey: options.signer.pubkey, asked, close, [Symbol.asyncDispose]: close };
}

const V1_ROLES = ['system', 'user', 'assistant', 'tool'];

function v1Problem(body: Record<string, unknown>): string | undefined {
  const { messages } = body;
  if (!Array.isArray(messages)) return 'Required';
  for (const message of messages as Record<string, unknown>[]) {
    if (typeof message['content'] !== 'string') return 'Expected string';
    if (!V1_ROLES.includes(String(message['role']))) return 'Invalid enum value';
  }
  return undefined;
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
