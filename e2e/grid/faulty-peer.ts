import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import type { Signer } from '../../app/protocol/ed25519.ts';
import { verifyOrder, type Order } from '../../app/protocol/order.ts';
import type { Pubkey } from '../../app/protocol/pubkey.ts';
import { issueReceipt, type Receipt, type SignedReceipt } from '../../app/protocol/receipt.ts';
import { newSigner } from './test-grid.ts';

/** One chat request to the peer, and the bare socket to answer on. */
export interface Exchange {
  readonly order: Order;
  readonly jobId: string;
  readonly socket: Socket;
  /** `performance.now()` when the other side was gone */
  readonly goneAtMs: Promise<number>;
  /** status and headers of a stream that ends with its connection */
  head(): void;
  /** the same, for a stream in chunked encoding */
  chunkedHead(): void;
  /** one chunk of chunked encoding; '' is the last */
  chunk(bytes: string | Buffer): void;
  write(bytes: string | Buffer): boolean;
  /** resolves when there is room again, or nobody is left to read */
  drained(): Promise<void>;
  /** FIN: a clean end, wherever the answer is */
  end(): void;
  /** RST */
  reset(): void;
  /** a genuine receipt of this peer for this order, with changes made before it is signed */
  signed(changes?: Partial<Receipt>): SignedReceipt;
}

export type Answer = (exchange: Exchange) => void | Promise<void>;

export interface FaultyPeer extends AsyncDisposable {
  readonly pubkey: Pubkey;
  readonly url: string;
  readonly signer: Signer;
  /** every chat request so far */
  readonly asked: Exchange[];
}

/**
 * A peer that takes orders, on a bare socket: `answer` decides every byte that goes out, also the ones no HTTP server would
 * send. Only GET /capacity is answered by itself; `capacity` replaces that too.
 */
export async function startFaultyPeer(
  answer: Answer,
  options: { capacity?: (socket: Socket, body: string) => void } = {},
): Promise<FaultyPeer> {
  const signer = newSigner();
  const asked: Exchange[] = [];
  const sockets = new Set<Socket>();
  const server: Server = createServer({ noDelay: true, allowHalfOpen: false }, (socket) => {
    sockets.add(socket);
    const goneAtMs = new Promise<number>((resolve) => {
      socket.once('end', () => resolve(performance.now()));
      socket.once('close', () => {
        sockets.delete(socket);
        resolve(performance.now());
      });
    });
    socket.on('error', () => undefined);
    onRequests(socket, (request) => {
      if (request.path === '/capacity') {
        const body = JSON.stringify(capacityOf(signer));
        if (options.capacity) options.capacity(socket, body);
        else
          socket.write(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          );
        return;
      }
      const exchange = createExchange(socket, goneAtMs, request.headers, signer);
      asked.push(exchange);
      void answer(exchange);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    pubkey: signer.pubkey,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signer,
    asked,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function capacityOf({ pubkey }: Signer): object {
  return { pubkey, models: ['m'], tier: 'interactive', concurrency: 99, queueDepth: 0, jobCounts: {}, order: 1 };
}

function createExchange(
  socket: Socket,
  goneAtMs: Promise<number>,
  headers: ReadonlyMap<string, string>,
  signer: Signer,
): Exchange {
  const { order, jobId } = orderOf(headers);
  const write = (bytes: string | Buffer): boolean => !socket.destroyed && socket.write(bytes);
  const event = 'content-type: text/event-stream\r\n';
  return {
    order,
    jobId,
    socket,
    goneAtMs,
    write,
    head: () => void write(`HTTP/1.1 200 OK\r\n${event}connection: close\r\n\r\n`),
    chunkedHead: () => void write(`HTTP/1.1 200 OK\r\n${event}transfer-encoding: chunked\r\n\r\n`),
    chunk: (bytes) => {
      const piece = Buffer.from(bytes);
      write(Buffer.concat([Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n')]));
    },
    drained: () =>
      new Promise<void>((resolve) => {
        const go = () => {
          socket.off('drain', go).off('close', go);
          resolve();
        };
        if (socket.destroyed) resolve();
        else socket.once('drain', go).once('close', go);
      }),
    end: () => void socket.end(),
    reset: () => void socket.resetAndDestroy(),
    signed: (changes = {}) => {
      const now = Date.now();
      const { receipt, signature } = issueReceipt(
        {
          version: 1,
          jobId,
          nonce: order.nonce,
          requesterPubkey: order.requesterPubkey,
          workerPubkey: signer.pubkey,
          model: order.model,
          inputTokens: 7,
          outputTokens: 2,
          startedAt: now,
          completedAt: now,
          ...changes,
        },
        signer,
      );
      return { receipt, signature };
    },
  };
}

function orderOf(headers: ReadonlyMap<string, string>): { order: Order; jobId: string } {
  const json: unknown = JSON.parse(Buffer.from(headers.get('x-lobstah-order') ?? '', 'base64').toString('utf8'));
  const verified = verifyOrder(json);
  if (!verified) throw new Error('the router sent no order that holds');
  return verified;
}

interface RawRequest {
  readonly path: string;
  readonly headers: ReadonlyMap<string, string>;
}

/** Calls back once for each request whose body is there whole. Knows as much of HTTP as the router sends. */
function onRequests(socket: Socket, callback: (request: RawRequest) => void): void {
  let pending = Buffer.alloc(0);
  socket.on('data', (bytes: Buffer) => {
    pending = Buffer.concat([pending, bytes]);
    for (;;) {
      const end = pending.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [line = '', ...rows] = pending.toString('latin1', 0, end).split('\r\n');
      const headers = new Map(
        rows.map((row) => [row.slice(0, row.indexOf(':')).toLowerCase(), row.slice(row.indexOf(':') + 1).trim()]),
      );
      const size = end + 4 + Number(headers.get('content-length') ?? 0);
      if (pending.length < size) return;
      pending = pending.subarray(size);
      callback({ path: line.split(' ')[1] ?? '', headers });
    }
  });
}

const event = (value: object) => `data: ${JSON.stringify({ model: 'm', ...value })}\n\n`;

/** The pieces of an answer as a Lobstah worker sends them. */
export const say = {
  role: event({ choices: [{ index: 0, delta: { role: 'assistant', content: '' }, finish_reason: null }] }),
  delta: (content: string) => event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }),
  finish: event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }),
  usage: event({ choices: [], usage: { prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 } }),
  heartbeat: ':\n\n',
  receipt: (signed: unknown) => `:lobstah-receipt:${Buffer.from(JSON.stringify(signed)).toString('base64')}\n\n`,
  done: 'data: [DONE]\n\n',
};

/** A whole good answer, 'Hello' unless told otherwise, up to and with its [DONE]. */
export function wholeAnswer(exchange: Exchange, parts: readonly string[] = ['Hel', 'lo']): string {
  return [
    say.role,
    ...parts.map(say.delta),
    say.finish,
    say.usage,
    say.receipt(exchange.signed({ outputTokens: parts.length })),
    say.done,
  ].join('');
}
