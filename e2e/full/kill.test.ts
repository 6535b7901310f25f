import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { killAppenders } from '../../app/ledger/testing/kill-appenders.ts';
import { temporaryFolder } from '../../app/store/testing/temporary-folder.ts';
import { killServers } from '../grid/kill-points.ts';

/** 500 times the ledger in mid-commit, 500 times worker or router in mid-stream: 1,000 points. */
const LEDGER_POINTS = 500;
const SERVER_POINTS = 500;
/** Lanes run side by side; in half of them worker and router share a home. */
const SERVER_LANES = 2;
const LIMIT_MS = 45 * 60_000;

let ollama: FakeOllama;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 12, tokenDelayMs: 3 });
});
afterAll(() => ollama.close());

describe('kill -9 at a thousand points', () => {
  it(`of the ledger, ${LEDGER_POINTS} times`, { timeout: LIMIT_MS }, async () => {
    const lanes = Array.from({ length: 5 }, async () => {
      using folder = temporaryFolder();
      return await killAppenders(folder.path('ledger'), LEDGER_POINTS / 5);
    });
    for (const lane of lanes) {
      const after = await lane;
      console.log(`${LEDGER_POINTS / 5} kills: ${after.acknowledged} entries acknowledged, ${after.entries} there`);
      expect(after).toMatchObject({ lost: [], problems: [] });
      expect(after.acknowledged).toBeGreaterThan(LEDGER_POINTS / 5);
    }
  });

  it(`of worker and router, ${SERVER_POINTS} times`, { timeout: LIMIT_MS }, async () => {
    const points = SERVER_POINTS / SERVER_LANES;
    const lanes = Array.from({ length: SERVER_LANES }, (_, lane) =>
      killServers({ points, ollamaUrl: ollama.url, oneHome: lane % 2 === 1, seed: lane + 1 }),
    );
    for (const lane of lanes) {
      const after = await lane;
      console.log(
        `${points} kills: ${after.acknowledged} answers acknowledged (${after.late} late), ${after.spent} entered`,
      );
      expect(after).toMatchObject({ lost: [], unearned: [], problems: [] });
      expect(after.acknowledged).toBeGreaterThan(points / 4);
    }
  });
});
