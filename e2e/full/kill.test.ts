import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { killAppenders } from '../../app/ledger/testing/kill-appenders.ts';
import { temporaryFolder } from '../../app/store/testing/temporary-folder.ts';
import { killServers } from '../grid/kill-points.ts';

/** 500 times the ledger in mid-commit, 500 times worker, router or both in mid-stream: 1,000 points. */
const BLOCKS = 10;
const POINTS_OF_BLOCK = 50;
/** Blocks run side by side, each in homes of its own; in every other one worker and router share a home. */
const LANES = 4;
const LIMIT_MS = 90 * 60_000;

let ollama: FakeOllama;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 12, tokenDelayMs: 3 });
});
afterAll(() => ollama.close());

async function inLanes(run: (block: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < BLOCKS) await run(next++);
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

describe('kill -9 at a thousand points', () => {
  it(`of the ledger, ${BLOCKS * POINTS_OF_BLOCK} times`, { timeout: LIMIT_MS }, () =>
    inLanes(async () => {
      using folder = temporaryFolder();
      const after = await killAppenders(folder.path('ledger'), POINTS_OF_BLOCK);
      console.log(`${POINTS_OF_BLOCK} kills: ${after.acknowledged} entries acknowledged, ${after.entries} there`);
      expect(after).toMatchObject({ lost: [], problems: [] });
      expect(after.acknowledged).toBeGreaterThan(POINTS_OF_BLOCK);
    }),
  );

  it(`of worker and router, ${BLOCKS * POINTS_OF_BLOCK} times`, { timeout: LIMIT_MS }, () =>
    inLanes(async (block) => {
      const oneHome = block % 2 === 1;
      const after = await killServers({ points: POINTS_OF_BLOCK, ollamaUrl: ollama.url, oneHome, seed: block + 1 });
      console.log(
        `${POINTS_OF_BLOCK} kills: ${after.acknowledged} answers acknowledged (${after.late} late), ${after.spent} entered`,
      );
      expect(after).toMatchObject({ lost: [], unearned: [], problems: [] });
      expect(after.acknowledged).toBeGreaterThan(POINTS_OF_BLOCK / 4);
    }),
  );
});
