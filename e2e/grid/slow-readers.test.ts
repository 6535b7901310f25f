import { writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { say, startFaultyPeer, wholeAnswer, type Exchange } from './faulty-peer.ts';
import { createHome, startLobstah } from './lobstah-process.ts';
import { peakMemory } from './peak-memory.ts';
import { rawChat } from './raw-client.ts';
import { chat, startTestGrid, until } from './test-grid.ts';

const MB = 1024 * 1024;
/** Longer than a peer may be silent, so that whoever takes a slow client for a silent peer is caught. */
const SLOW_MS = 8_000;
const LONG = 200_000;

/** A client that takes one byte a second. */
function slowReader(url: string) {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1' });
  socket.on('error', () => undefined);
  socket.pause();
  socket.write(rawChat({ stream: true, max_tokens: LONG }));
  let bytes = 0;
  const timer = setInterval(() => (bytes += (socket.read(1) as Buffer | null)?.length ?? 0), 1_000);
  return {
    socket,
    bytes: () => bytes,
    [Symbol.dispose]() {
      clearInterval(timer);
      socket.destroy();
    },
  };
}

/** 40 MB as fast as they are taken, for the long request; a short answer for any other. */
async function flood(exchange: Exchange): Promise<void> {
  exchange.head();
  if (exchange.order.maxOutputTokens !== LONG) {
    exchange.write(wholeAnswer(exchange));
    exchange.end();
    return;
  }
  const piece = say.delta('x'.repeat(4_000)).repeat(16);
  for (let sent = 0; sent < 40 * MB && !exchange.socket.destroyed; sent += piece.length)
    if (!exchange.write(piece)) await exchange.drained();
  exchange.write(say.finish + say.done);
  exchange.end();
}

describe('a client that reads one byte a second', () => {
  it('costs a router no memory, its peer no standing, and others no time', async () => {
    await using peer = await startFaultyPeer(flood);
    const home = createHome();
    writeFileSync(join(home, 'peers.json'), JSON.stringify([{ pubkey: peer.pubkey, url: peer.url }]));
    const router = await startLobstah(['router', 'start'], { home });
    try {
      const api = `${router.routerUrl}/v1`;
      expect(await chat(api)).toMatchObject({ content: 'Hello', done: true });
      const memory = peakMemory(router.child.pid ?? 0);
      using client = slowReader(router.routerUrl);
      const startedMs = performance.now();
      let served = 0;
      while (performance.now() - startedMs < SLOW_MS) {
        const askedMs = performance.now();
        expect(await chat(api)).toMatchObject({ content: 'Hello', done: true });
        expect(performance.now() - askedMs).toBeLessThan(3_000);
        served += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
      expect(served).toBeGreaterThan(5);
      expect(client.bytes()).toBeGreaterThan(1);
      const slow = peer.asked.find(({ order }) => order.maxOutputTokens === LONG);
      expect(slow?.socket.destroyed).toBe(false); // not taken for silent: it still waits to send
      expect(memory.grownBytes()).toBeLessThan(64 * MB);
      client.socket.destroy();
      const leftAtMs = performance.now();
      expect(((await slow?.goneAtMs) ?? Infinity) - leftAtMs).toBeLessThan(300);
    } finally {
      await router.stop();
    }
  });

  it('stops the engine of a worker from running ahead, and keeps nobody else out', async () => {
    const tokens = Array<string>(40_000).fill('y'.repeat(1_000));
    await using worker = await startTestGrid({
      roles: 'worker',
      script: { tokens },
      settings: { worker: { concurrency: 2, giftTokensPerDay: 1_000_000 } },
    });
    using client = slowReader(worker.grid.workerUrl ?? '');
    const written = () => worker.grid.snapshot().jobs[0]?.outputTokens ?? 0;
    await until(() => written() > 100, 'the answer is under way');
    const startedMs = performance.now();
    let before = -1;
    await until(() => before === (before = written()), 'the engine waits for the reader');
    worker.engine.script = { tokens: ['ok'] };
    while (performance.now() - startedMs < 5_000) {
      expect(await chat(`${worker.grid.workerUrl}/v1`, { max_tokens: 9 })).toMatchObject({ content: 'ok', done: true });
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
    expect(written()).toBeLessThan(tokens.length / 2);
    client.socket.destroy();
    await until(() => worker.grid.snapshot().jobs.length === 0, 'the place is free');
  });
});
