import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { killServers } from './kill-points.ts';
import { createHome, runLobstah, startLobstah } from './lobstah-process.ts';

/** With the ledger's own (app/ledger/processes.test.ts) 60 points; e2e/full/kill.test.ts does a thousand. */
const POINTS = 12;

let ollama: FakeOllama;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 12, tokenDelayMs: 3 });
});
afterAll(() => ollama.close());

it(
  `kill -9 of worker and router, ${POINTS * 2} times in mid-stream, loses and doubles nothing`,
  { timeout: 240_000 },
  async () => {
    const lane = (oneHome: boolean) =>
      killServers({ points: POINTS, ollamaUrl: ollama.url, oneHome, seed: Number(oneHome) });
    for (const after of await Promise.all([lane(false), lane(true)])) {
      console.log(
        `${POINTS} kills: ${after.acknowledged} answers acknowledged (${after.late} late), ${after.spent} entered`,
      );
      expect(after).toMatchObject({ lost: [], unearned: [], problems: [] });
      expect(after.acknowledged).toBeGreaterThan(5);
    }
  },
);

it(
  'a second process of the same role is refused, also after the first was killed and replaced',
  { timeout: 120_000 },
  async () => {
    const home = createHome();
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    for (let round = 0; round < 2; round += 1) {
      const worker = await startLobstah(['worker', 'start'], { home, env });
      const { code, stderr } = await runLobstah(['worker', 'start', '--port', '0'], { home, env });
      expect(code).toBe(1);
      expect(stderr).toContain(String(worker.child.pid));
      await worker.kill();
    }
  },
);
