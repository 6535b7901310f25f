import { request as httpRequest } from 'node:http';
import { connect } from 'node:net';
import express, { type Express } from 'express';
import { describe, expect, it } from 'vitest';
import { errorHandler, notFound } from './error-handler.ts';
import { hostGuard, hostName, originGuard } from './guard.ts';
import { parseJsonBody, rawJsonBody } from './json-body.ts';
import { listen } from './listen.ts';

function createTestApp(): Express {
  const app = express();
  app.use(hostGuard(['mac.local']), originGuard());
  app.post('/echo', rawJsonBody(1024), (request, response) => {
    response.json(parseJsonBody(request.body));
  });
  app.get('/slow', (_request, response) => {
    response.write('a');
    setTimeout(() => response.end('b'), 150);
  });
  app.get('/broken', () => {
    throw new Error('a secret of the inside');
  });
  app.use(notFound);
  app.use(errorHandler({ shapeOf: () => 'lobstah', onUnexpected: () => undefined }));
  return app;
}

const serve = () => listen(createTestApp(), { host: '127.0.0.1', port: 0 });

/** fetch does not let a caller choose Host. */
function ask(
  port: number,
  options: { method?: string; path?: string; headers?: Record<string, string>; body?: string },
): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const { method = 'GET', path = '/echo', headers = {}, body } = options;
    const request = httpRequest({ host: '127.0.0.1', port, method, path, headers }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
      response.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

const json = { 'content-type': 'application/json' };
const typeOf = (text: string) => (JSON.parse(text) as { error: { type: string } }).error.type;

describe('the doors of every server', () => {
  it.each([
    ['127.0.0.1', 200],
    ['localhost:1', 200],
    ['[::1]:17475', 200],
    ['MAC.local:17474', 200],
    ['evil.example', 403],
    ['127.0.0.1.evil.example', 403],
    ['127.0.0.1@evil.example', 403],
  ])('Host %s gets %i', async (host, status) => {
    await using server = await serve();
    const answer = await ask(server.port, { method: 'POST', headers: { ...json, host }, body: '{}' });
    expect(answer.status).toBe(status);
    if (status === 403) expect(typeOf(answer.text)).toBe('host_not_allowed');
  });

  it.each([
    [{ origin: 'https://evil.example' }],
    [{ origin: 'null' }],
    [{ 'sec-fetch-site': 'cross-site' }],
    [{ 'sec-fetch-site': 'same-site' }],
  ])('a web page with %j is refused', async (headers) => {
    await using server = await serve();
    const answer = await ask(server.port, { method: 'POST', headers: { ...json, ...headers }, body: '{}' });
    expect([answer.status, typeOf(answer.text)]).toEqual([403, 'origin_not_allowed']);
  });

  it.each([
    ['text/plain is not JSON', { 'content-type': 'text/plain' }, '{}', 415, 'not_json'],
    ['no content type', {}, '{}', 415, 'not_json'],
    ['broken JSON', json, '{"a":', 400, 'bad_json'],
    ['an empty body', json, '', 400, 'bad_json'],
    ['a body over the limit', json, JSON.stringify('x'.repeat(2000)), 413, 'body_too_large'],
  ])('%s', async (_name, headers, body, status, type) => {
    await using server = await serve();
    const answer = await ask(server.port, { method: 'POST', headers: { ...headers }, body });
    expect([answer.status, typeOf(answer.text)]).toEqual([status, type]);
  });

  it('never says what was in a body that could not be parsed', async () => {
    await using server = await serve();
    const { text } = await ask(server.port, { method: 'POST', headers: json, body: '{"prompt":"my secret"' });
    expect(text).not.toContain('secret');
  });

  it('unknown paths are a clear 404, unexpected errors a 500 without their inside', async () => {
    await using server = await serve();
    expect(typeOf((await ask(server.port, { path: '/nope' })).text)).toBe('not_found');
    const broken = await ask(server.port, { path: '/broken' });
    expect([broken.status, typeOf(broken.text)]).toEqual([500, 'internal_error']);
    expect(broken.text).not.toContain('secret');
  });

  it('closing lets a running answer end, and refuses new connections', async () => {
    const server = await serve();
    const running = ask(server.port, { path: '/slow' });
    await new Promise<void>((resolve) => server.server.once('request', () => resolve()));
    await server.close(5_000);
    expect((await running).text).toBe('ab');
    await expect(ask(server.port, { path: '/slow' })).rejects.toThrow();
  });

  it('closing ends what does not end by itself', async () => {
    const server = await serve();
    const socket = connect(server.port, '127.0.0.1');
    await new Promise<void>((resolve) => socket.once('connect', resolve));
    socket.write(
      'POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: 9\r\n\r\n{',
    );
    const closed = new Promise<void>((resolve) => socket.once('close', () => resolve()));
    socket.on('error', () => undefined);
    await server.close(50);
    await closed;
  });

  it('a taken port is named', async () => {
    await using server = await serve();
    await expect(listen(createTestApp(), { host: '127.0.0.1', port: server.port })).rejects.toMatchObject({
      code: 'port_taken',
      details: { port: server.port },
    });
  });
});

describe('hostName', () => {
  it.each([
    ['a.b:80', 'a.b'],
    ['[::1]', '::1'],
    ['', undefined],
    ['a b', undefined],
    ['a:b:c', undefined],
    [undefined, undefined],
  ])('of %j is %j', (header, name) => {
    expect(hostName(header)).toBe(name);
  });
});
