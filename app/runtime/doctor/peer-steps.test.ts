import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import { describe, expect, it } from 'vitest';
import type { Peer } from '../../peers/peer.ts';
import { parsePubkey, type Pubkey } from '../../protocol/pubkey.ts';
import { SELF_SIGNED } from '../testing/self-signed.ts';
import { examinePeer } from './peer-steps.ts';

const KEY = parsePubkey(`lob1${'a'.repeat(64)}`) as Pubkey;
const OTHER = `lob1${'b'.repeat(64)}`;

const peerAt = (url: string): Peer => ({ pubkey: KEY, url, label: 'lab', blocked: false, source: 'static' });
const examine = (url: string, nowMs = Date.now) => examinePeer(peerAt(url), nowMs);

async function open(server: Server) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { port, [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())) };
}
const openHttp = (answer: RequestListener) => open(createServer(answer));

const capacity = (changes: object = {}) =>
  JSON.stringify({ pubkey: KEY, models: ['m'], tier: 'batch', concurrency: 1, queueDepth: 0, ...changes });
const say =
  (text: string, status = 200, headers: Record<string, string> = {}) =>
  (_request: IncomingMessage, response: ServerResponse) =>
    void response.writeHead(status, headers).end(text);

describe('the way to a peer', () => {
  it('that is good all along says how far it is and what is there', async () => {
    await using server = await openHttp(say(capacity()));
    const found = await examine(`http://127.0.0.1:${server.port}`);
    expect(found).toMatchObject({ failedAt: undefined, hint: null });
    expect(found.message).toMatch(/^answers in \d+ ms, 1 model$/);
    expect(Math.abs(found.clockOffsetMs ?? Infinity)).toBeLessThan(5_000);
  });

  it('says when the peer does not share, which is nobody’s fault', async () => {
    await using server = await openHttp(say(capacity({ sharing: 'paused' })));
    expect((await examine(`http://127.0.0.1:${server.port}`)).message).toContain('not sharing right now');
  });

  it('tells the clock of the peer, also of one that fails later', async () => {
    const headers = { date: new Date(Date.now() + 600_000).toUTCString() };
    await using server = await openHttp(say(capacity(), 200, headers));
    const { clockOffsetMs } = await examine(`http://127.0.0.1:${server.port}`);
    expect(Math.abs((clockOffsetMs ?? 0) - 600_000)).toBeLessThan(5_000);
  });

  it('ends at DNS for a name that nobody knows', async () => {
    expect(await examine('http://nobody.invalid:17474')).toMatchObject({
      failedAt: 'dns',
      message: expect.stringContaining("'nobody.invalid'") as string,
      hint: expect.stringContaining('typing mistake') as string,
    });
  });

  it('ends at TCP where nothing listens', async () => {
    const server = await openHttp(say(''));
    await server[Symbol.asyncDispose]();
    expect(await examine(`http://127.0.0.1:${server.port}`)).toMatchObject({
      failedAt: 'tcp',
      message: expect.stringContaining('nothing listens') as string,
      hint: expect.stringContaining('--host') as string,
    });
  });

  it('ends at TLS where only HTTP is spoken', async () => {
    await using server = await openHttp(say(capacity()));
    expect(await examine(`https://127.0.0.1:${server.port}`)).toMatchObject({
      failedAt: 'tls',
      message: expect.stringContaining('does not speak TLS') as string,
      hint: expect.stringContaining("'http://'") as string,
    });
  });

  it('ends at TLS with a certificate that nobody vouches for', async () => {
    await using server = await open(createTlsServer(SELF_SIGNED, say(capacity())));
    expect(await examine(`https://localhost:${server.port}`)).toMatchObject({
      failedAt: 'tls',
      message: expect.stringMatching(/certificate is not accepted \(DEPTH_ZERO_SELF_SIGNED_CERT\)/) as string,
    });
  });

  it('ends at HTTP where TLS is spoken', async () => {
    await using server = await open(createTlsServer(SELF_SIGNED, say(capacity())));
    expect(await examine(`http://127.0.0.1:${server.port}`)).toMatchObject({
      failedAt: 'http',
      hint: expect.stringContaining("'https://'") as string,
    });
  });

  it('ends at HTTP where somebody takes the connection and says nothing', async () => {
    const sockets: { destroy(): void }[] = [];
    await using server = await open(createTcpServer((socket) => sockets.push(socket)));
    expect(await examine(`http://127.0.0.1:${server.port}`)).toMatchObject({
      failedAt: 'http',
      message: expect.stringContaining('does not answer') as string,
    });
    for (const socket of sockets) socket.destroy();
  });

  it.each([
    ['a Host it does not answer to', say('{}', 403), /--allow-host/],
    ['a path it does not have', say('{}', 404), /right port/],
    ['a page', say('<html></html>'), /right address and port/],
    ['JSON of something else', say('{"status":"ok"}'), /right address and port/],
  ])('ends at /capacity with %s', async (_name, answer, hint) => {
    await using server = await openHttp(answer);
    const found = await examine(`http://127.0.0.1:${server.port}`);
    expect(found.failedAt).toBe('capacity');
    expect(found.hint).toMatch(hint);
  });

  it('ends at the key where somebody else answers', async () => {
    await using server = await openHttp(say(capacity({ pubkey: OTHER })));
    expect(await examine(`http://127.0.0.1:${server.port}`)).toMatchObject({
      failedAt: 'key',
      message: expect.stringContaining('lob1bbbbbbbb…, not lob1aaaaaaaa…') as string,
      hint: expect.stringContaining('add it anew') as string,
    });
  });
});
