import { createServer, type Server } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';
import { chat, newSigner, peerOf, startTestGrid, until } from './test-grid.ts';

/** A peer that takes orders by its own word, and answers with whatever it likes. */
async function startRoguePeer(answer: (write: (text: string) => boolean, end: () => void) => void) {
  const signer = newSigner();
  const server: Server = createServer((request, response) => {
    if (request.url === '/capacity') {
      const capacity = {
        pubkey: signer.pubkey,
        models: ['m'],
        tier: 'interactive',
        concurrency: 9,
        queueDepth: 0,
        order: 1,
      };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(capacity));
      return;
    }
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    answer(
      (text) => !response.destroyed && response.write(text),
      () => response.end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { pubkey: signer.pubkey, url, [Symbol.asyncDispose]: close };
}

const delta = (content: string) =>
  `data: ${JSON.stringify({ model: 'm', choices: [{ index: 0, delta: { content }, finish_reason: null }] })}\n\n`;

describe('a peer that misbehaves', () => {
  it('and floods is cut off long before memory is full', async () => {
    await using peer = await startRoguePeer((write) => {
      const piece = delta('x'.repeat(64_000));
      const flood = setInterval(() => {
        if (!write(piece.repeat(8))) clearInterval(flood);
      }, 1);
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    const answer = await chat(router.api, { stream: false, max_tokens: 5 });
    expect(answer).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
    expect(answer.error?.message).toContain('far more than was ordered');
  });

  it('and goes silent before its answer is passed over; in the middle, said', async () => {
    await using silent = await startRoguePeer(() => undefined);
    await using router = await startTestGrid({ roles: 'router', peers: [silent] });
    const answer = await chat(router.api);
    // On a machine that is busy a heartbeat may have come first, and with it a 200.
    expect([answer.done, answer.error?.code]).toEqual([false, 'all_peers_failed']);
    expect(answer.error?.message).toMatch(/silent|not answered/);
    const whole = await chat(router.api, { stream: false });
    expect([whole.status, whole.error?.code]).toEqual([502, 'all_peers_failed']);
    await using half = await startRoguePeer((write) => void write(delta('half')));
    await using other = await startTestGrid({ roles: 'router', peers: [half] });
    expect(await chat(other.api)).toMatchObject({ content: 'half', done: false, error: { code: 'peer_lost' } });
  });

  it('and says that the request is at fault: the client hears a 400, not a 502 that it would repeat', async () => {
    const error = { error: { type: 'context_exceeded', message: 'too long' } };
    await using peer = await startRoguePeer((write, end) => {
      write(`data: ${JSON.stringify(error)}\n\n`);
      end();
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    for (const stream of [true, false]) expect((await chat(router.api, { stream })).status).toBe(400);
  });
});

describe('a client', () => {
  it('that reads slowly is not taken for a silent peer, and gets everything', async () => {
    const tokens = Array.from({ length: 20_000 }, () => 'x'.repeat(200));
    await using worker = await startTestGrid({ roles: 'worker', script: { tokens } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const { port } = new URL(router.api);
    const body = JSON.stringify({
      model: 'm',
      max_tokens: 50_000,
      stream: true,
      messages: [{ role: 'user', content: 'x' }],
    });
    const text = await new Promise<string>((resolve, reject) => {
      const socket = connect(Number(port), '127.0.0.1', () =>
        socket.write(
          `POST /v1/chat/completions HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
        ),
      );
      let received = '';
      socket.once('data', () => {
        socket.pause();
        setTimeout(() => socket.resume(), 4_500);
      });
      socket.on('data', (part) => (received += part.toString('latin1')));
      socket.once('close', () => resolve(received));
      socket.once('error', reject);
    });
    expect(text).toContain('data: [DONE]');
    expect(text.match(/x{200}/g)).toHaveLength(20_000);
  });

  it('gets what it cost right before the end, asked for or not', async () => {
    await using own = await startTestGrid({ roles: 'both' });
    for (const body of [{}, { stream_options: { include_usage: true } }, { stream_options: { include_usage: false } }])
      expect((await chat(own.api, body)).text).toMatch(/"choices":\[\],"usage":\{[^}]+\}\}\n\ndata: \[DONE\]\n\n$/);
  });

  it('whose body is nested without end is told so', async () => {
    await using own = await startTestGrid({ roles: 'both' });
    const nested = `${'['.repeat(100_000)}${']'.repeat(100_000)}`;
    const response = await fetch(`${own.api}/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"model":"m","messages":[{"role":"user","content":"x"}],"extra":${nested}}`,
    });
    expect(response.status).toBe(400);
  });

  it('that hangs up at the last word pays for the answer all the same', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokens: ['a', 'b'], tokenDelayMs: 30 } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const controller = new AbortController();
    const response = await fetch(`${router.api}/chat/completions`, {
      method: 'POST',
      signal: controller.signal,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'x' }] }),
    });
    await response.body?.getReader().read();
    controller.abort();
    await until(() => worker.books.entries({ limit: 1 }).length === 1, 'it was entered');
  });
});

describe('credit', () => {
  it('stays held until the receipt is in the books', async () => {
    await using worker = await startTestGrid({
      roles: 'worker',
      settings: { worker: { giftTokensPerDay: 20, concurrency: 50, maxQueue: 100 } },
      script: { tokens: ['a'], tokenDelayMs: 1_500 },
    });
    const statuses = await Promise.all(
      Array.from({ length: 40 }, () =>
        chat(`${worker.grid.workerUrl}/v1`, { max_tokens: 100 }).then(({ status }) => status),
      ),
    );
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
  });
});

describe('this machine', () => {
  it('with a full disk under its log serves on, and ends when it is asked to', async () => {
    const home = createHome();
    mkdirSync(join(home, 'logs'));
    symlinkSync('/dev/full', join(home, 'logs', 'lobstah.log'));
    const lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'sample' } });
    expect((await fetch(lobstah.routerUrl)).status).toBe(200);
    expect((await chat(`${lobstah.routerUrl}/v1`, { model: 'nope' })).status).toBe(503);
    expect(await lobstah.stop()).toBe(0);
  });

  it('with an empty --host listens on loopback', async () => {
    const worker = await startLobstah(['worker', 'start', '--host', '', '--port', '0'], {
      home: createHome(),
      env: { LOBSTAH_ENGINE: 'sample' },
    });
    expect(worker.workerUrl).toContain('127.0.0.1');
    await worker.stop();
  });

  it('with a long or foreign path of its home starts all the same', async () => {
    for (const name of ['é'.repeat(60), 'x'.repeat(120)]) {
      const home = join(createHome(), name);
      const lobstah = await startLobstah(['up'], { home, env: { LOBSTAH_ENGINE: 'sample' } });
      expect((await fetch(lobstah.routerUrl)).status).toBe(200);
      const { code, stderr } = await runLobstah(['sharing', 'status'], { home });
      expect([code, stderr]).toEqual([3, expect.stringContaining('too long')]);
      await lobstah.stop();
    }
  });

  it('keeps every peer that is added at the same moment', async () => {
    const home = createHome();
    const keys = ['a', 'b', 'c', 'd', 'e', 'f'].map((digit) => `lob1${digit.repeat(64)}`);
    await Promise.all(keys.map((key) => runLobstah(['peers', 'add', key, 'http://127.0.0.1:9'], { home })));
    const { stdout } = await runLobstah(['peers', 'list', '--json'], { home });
    expect((JSON.parse(stdout) as { count: number }).count).toBe(6);
  });

  it('takes a change of its settings without a restart', async () => {
    await using worker = await startTestGrid({ roles: 'worker', settings: { worker: { giftTokensPerDay: 0 } } });
    const ask = () => chat(`${worker.grid.workerUrl}/v1`).then(({ status }) => status);
    expect(await ask()).toBe(402);
    writeFileSync(join(worker.home, 'settings.json'), JSON.stringify({ worker: { giftTokensPerDay: 1_000 } }));
    await expect.poll(ask).toBe(200);
  });

  it('answers at once although a peer is silent', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`;
    await using own = await startTestGrid({ roles: 'both', peers: [{ pubkey: newSigner().pubkey, url }] });
    const startedMs = performance.now();
    expect((await chat(own.api)).status).toBe(200);
    expect(performance.now() - startedMs).toBeLessThan(1_500);
    silent.closeAllConnections();
    silent.close();
  });
});
