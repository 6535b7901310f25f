import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import { verifySignature } from '../../app/protocol/ed25519.ts';
import type { Pubkey } from '../../app/protocol/pubkey.ts';

interface V1Signed {
  announcement: { pubkey: Pubkey; announcedAt: number; ttlSeconds: number } & Record<string, unknown>;
  signature: string;
}

/**
 * A tracker of Lobstah v1, built from the facts in docs/protocol.md, faults included: it knows no ETag and no limits, takes any
 * ttl, and lets an older announcement replace a newer one. For contract tests only.
 */
export async function startV1Tracker() {
  const peers = new Map<string, unknown>();
  const requests: string[] = [];
  const server = createServer((request, response) => void handle(request, response));

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const route = `${request.method} ${request.url}`;
    requests.push(route);
    if (route === 'GET /') return send(response, 200, { name: 'lobstah-tracker' });
    if (route === 'GET /peers')
      return send(response, 200, { version: 1, count: peers.size, peers: [...peers.values()] });
    let text = '';
    for await (const part of request.setEncoding('utf8')) text += part as string;
    let body: unknown;
    try {
      body = JSON.parse(text);
    } catch {
      return send(response, 400, { error: { type: 'bad_json' } });
    }
    if (route === 'POST /announce') return announce(response, body as V1Signed);
    if (route === 'POST /unannounce')
      return unannounce(response, body as { pubkey: Pubkey; timestamp: number; signature: string });
    return send(response, 404, { error: { type: 'not_found' } });
  }

  function announce(response: ServerResponse, { announcement, signature }: V1Signed): void {
    const { pubkey, announcedAt, ttlSeconds } = announcement;
    const reject = (reason: string) => send(response, 400, { error: { type: 'rejected', reason } });
    if (!verifySignature(canonicalJson(announcement), signature, pubkey)) return reject('bad-signature');
    if (Date.now() - announcedAt > ttlSeconds * 1000) return reject('stale');
    if (announcedAt - Date.now() > 300_000) return reject('future');
    peers.set(pubkey, { announcement, signature });
    return send(response, 200, { ok: true, pubkey, ttlSeconds, registeredCount: peers.size });
  }

  function unannounce(
    response: ServerResponse,
    { pubkey, timestamp, signature }: { pubkey: Pubkey; timestamp: number; signature: string },
  ): void {
    if (!verifySignature(`unannounce:${pubkey}:${timestamp}`, signature, pubkey))
      return send(response, 400, { error: { type: 'rejected', reason: 'bad-signature' } });
    return send(response, 200, { ok: true, removed: peers.delete(pubkey) });
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  return { url: `http://127.0.0.1:${port}`, peers, requests, close, [Symbol.asyncDispose]: close };
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
