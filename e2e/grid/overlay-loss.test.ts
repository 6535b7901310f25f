import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { freeUdpPort, OVERLAY_ON } from './overlay-pair.ts';
import { chat, startTestGrid, type TestGrid } from './test-grid.ts';

/** What the issue allows, and what a busy machine needs on top. */
const IDLE_LIMIT_MS = 10_000 + 3_000;
const STREAM_LIMIT_MS = 3_000 + 3_000;

let ollama: FakeOllama;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 400, tokenDelayMs: 20 });
});
afterAll(() => ollama.close());

/** A worker in a process of its own, at a UDP port that stays the same when it is started again. */
async function startWorker(home: string): Promise<LobstahProcess> {
  return startLobstah(['worker', 'start'], { home, env: { LOBSTAH_ENGINE: 'ollama', OLLAMA_HOST: ollama.url } });
}

async function startBoth(): Promise<{ worker: LobstahProcess; home: string; asking: TestGrid }> {
  const home = createHome();
  const port = await freeUdpPort();
  writeFileSync(join(home, 'settings.json'), JSON.stringify({ overlay: { ...OVERLAY_ON.overlay, port } }));
  const worker = await startWorker(home);
  const asking = await startTestGrid({
    roles: 'router',
    settings: OVERLAY_ON,
    peers: [{ pubkey: worker.pubkey, url: `iroh:${worker.pubkey.slice(4)}?at=127.0.0.1:${port}` }],
  });
  return { worker, home, asking };
}

const connections = (grid: TestGrid) => {
  const { overlay } = grid.grid.snapshot();
  return overlay.state === 'on' ? overlay.connections : 0;
};

async function within(limitMs: number, what: string, holds: () => boolean): Promise<number> {
  const startedMs = performance.now();
  while (!holds()) {
    if (performance.now() - startedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - startedMs;
}

it('a peer that dies while idle is noticed, and found again when it is back', async () => {
  const { worker, home, asking } = await startBoth();
  try {
    const { pubkey } = worker;
    expect(await asking.grid.command('checkPeer', { pubkey })).toMatchObject({ reachable: true });
    expect(connections(asking)).toBe(1);
    await worker.kill(); // says nothing any more, not even goodbye
    await within(IDLE_LIMIT_MS, 'the connection is given up', () => connections(asking) === 0);
    const again = await startWorker(home);
    try {
      expect(await asking.grid.command('checkPeer', { pubkey })).toMatchObject({ reachable: true });
    } finally {
      await again.kill();
    }
  } finally {
    await asking[Symbol.asyncDispose]();
  }
});

it('a peer that goes silent in mid-stream ends the answer within the stall limit, and is dialled anew', async () => {
  const { worker, asking } = await startBoth();
  const { pubkey } = worker;
  try {
    let stoppedMs = 0;
    const freeze = setTimeout(() => {
      worker.child.kill('SIGSTOP');
      stoppedMs = performance.now();
    }, 3_000);
    const answer = await chat(asking.api, { max_tokens: 400 });
    clearTimeout(freeze);
    expect(stoppedMs, 'it was frozen in mid-stream').toBeGreaterThan(0);
    expect(performance.now() - stoppedMs).toBeLessThan(STREAM_LIMIT_MS);
    expect(answer.content).not.toBe('');
    expect(answer.error?.code).toBe('peer_lost');
    await within(STREAM_LIMIT_MS, 'nothing is sent over the dead connection again', () => connections(asking) === 0);
    worker.child.kill('SIGCONT');
    await within(IDLE_LIMIT_MS, 'it is reached again', () => {
      void asking.grid.command('checkPeer', { pubkey });
      return connections(asking) > 0;
    });
  } finally {
    worker.child.kill('SIGCONT');
    await asking[Symbol.asyncDispose]();
    await worker.kill();
  }
});
