import { connect, type Socket } from 'node:net';
import express from 'express';
import { describe, expect, it } from 'vitest';
import { hangUpSignal } from './hang-up.ts';
import { rawJsonBody } from './json-body.ts';
import { listen } from './listen.ts';
import { writeOrWait } from './sse.ts';

const LIMITS = { bodyMs: 300, readMs: 300 };

/** `ends`: why each long answer ended. */
function createSlowApp(ends: string[]) {
  const app = express();
  app.post('/echo', rawJsonBody(), (request, response) => {
    response.json({ bytes: (request.body as Buffer).length });
  });
  app.get('/later', (_request, response) => {
    setTimeout(() => response.json({ late: true }), LIMITS.readMs * 3);
  });
  app.get('/endless', async (_request, response) => {
    const gone = hangUpSignal(response);
    try {
      for (;;) {
        await writeOrWait(response, 'x'.repeat(64 * 1024), gone);
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      ends.push((error as Error).name);
    }
  });
  return app;
}

async function open(
  port: number,
  text: string,
): Promise<{ socket: Socket; received: () => string; closed: Promise<number> }> {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => undefined);
  let received = '';
  socket.on('data', (part) => (received += part.toString('latin1')));
  const openedMs = performance.now();
  const closed = new Promise<number>((resolve) => socket.once('close', () => resolve(performance.now() - openedMs)));
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  socket.write(text);
  return { socket, received: () => received, closed };
}

const post = (length: number) =>
  `POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${length}\r\n\r\n`;

describe('a slow client', () => {
  it('that drips its body is told so and closed', async () => {
    await using server = await listen(createSlowApp([]), { host: '127.0.0.1', port: 0 }, LIMITS);
    const client = await open(server.port, post(100_000));
    const drip = setInterval(() => client.socket.write('1'), 20);
    await client.closed;
    clearInterval(drip);
    expect(client.received()).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('that sends a large body slowly but steadily gets its answer', async () => {
    await using server = await listen(createSlowApp([]), { host: '127.0.0.1', port: 0 }, LIMITS);
    const total = 100 * 1024;
    const client = await open(server.port, post(total));
    for (let sent = 0; sent < total; sent += 2 * 1024) {
      client.socket.write('1'.repeat(2 * 1024));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    await expect.poll(client.received, { timeout: 10_000 }).toContain(`{"bytes":${total}}`);
    client.socket.destroy();
  });

  it('that takes nothing of its answer is closed, and what works for it learns of it', async () => {
    const ends: string[] = [];
    await using server = await listen(createSlowApp(ends), { host: '127.0.0.1', port: 0 }, LIMITS);
    const client = await open(server.port, 'GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n');
    client.socket.pause();
    await expect.poll(() => ends, { timeout: 10_000 }).toEqual(['HangUp']);
    client.socket.destroy();
  });

  it('that takes its answer slowly keeps it', async () => {
    const ends: string[] = [];
    await using server = await listen(createSlowApp(ends), { host: '127.0.0.1', port: 0 }, LIMITS);
    const client = await open(server.port, 'GET /endless HTTP/1.1\r\nhost: localhost\r\n\r\n');
    for (let i = 0; i < 12; i += 1) {
      client.socket.pause();
      await new Promise((resolve) => setTimeout(resolve, LIMITS.readMs / 4));
      client.socket.resume();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect(ends).toEqual([]);
    client.socket.destroy();
  });

  it('that only waits is no slow client', async () => {
    await using server = await listen(createSlowApp([]), { host: '127.0.0.1', port: 0 }, LIMITS);
    const client = await open(server.port, 'GET /later HTTP/1.1\r\nhost: localhost\r\n\r\n');
    await expect.poll(client.received, { timeout: 10_000 }).toContain('{"late":true}');
    client.socket.destroy();
  });

  it('that keeps an idle connection longer than it is kept is closed in the end', async () => {
    const server = await listen(createSlowApp([]), { host: '127.0.0.1', port: 0 }, LIMITS);
    server.server.keepAliveTimeout = 200;
    const client = await open(server.port, `${post(2)}{}`);
    await client.closed;
    expect(client.received()).toContain('{"bytes":2}');
    await server.close();
  });
});
