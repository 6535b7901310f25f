import { request as httpRequest } from 'node:http';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startFakeOllama, type FakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { parsePubkey } from '../../app/protocol/pubkey.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';

/** How often each of both is killed, and how many requests are under way when it happens. */
const ROUNDS = 50;
const PARALLEL = 4;

let ollama: FakeOllama;
beforeAll(async () => {
  ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 12, tokenDelayMs: 3 });
});
afterAll(() => ollama.close());

/** Posts until told to stop; keeps the job ids whose answers came whole: those were acknowledged by `[DONE]`. */
function pour(api: string, acknowledged: Set<string>): () => Promise<void> {
  let stopped = false;
  const one = () =>
    new Promise<void>((resolve) => {
      const request = httpRequest(
        `${api}/v1/chat/completions`,
        { method: 'POST', headers: { 'content-type': 'application/json' } },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (part: string) => (text += part));
          response.on('close', () => {
            const job = response.headers['x-lobstah-job'];
            if (text.endsWith('data: [DONE]\n\n') && typeof job === 'string') acknowledged.add(job);
            resolve();
          });
          response.on('error', () => undefined);
        },
      );
      request.on('error', () => setTimeout(resolve, 5));
      request.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }));
    });
  const loops = Array.from({ length: PARALLEL }, async () => {
    while (!stopped) await one();
  });
  return async () => {
    stopped = true;
    await Promise.all(loops);
  };
}

async function checkBooks(
  running: { home: string; pubkey: string },
  mustHave: ReadonlySet<string>,
): Promise<Set<string>> {
  const ownPubkey = parsePubkey(running.pubkey);
  if (!ownPubkey) throw new Error('no key');
  const ledger = await openLedger({ file: join(running.home, 'ledger.sqlite'), ownPubkey });
  try {
    const { unbalanced, wrongBalances } = ledger.audit();
    expect({ unbalanced, wrongBalances }).toEqual({ unbalanced: [], wrongBalances: [] });
    const jobs = ledger
      .entries({ limit: 1_000_000 })
      .filter(({ kind }) => kind !== 'disputed')
      .map(({ jobId }) => jobId);
    expect(new Set(jobs).size).toBe(jobs.length);
    for (const job of mustHave) expect(jobs).toContain(job);
    return new Set(jobs);
  } finally {
    await ledger.close();
  }
}

it(`kill -9 of the worker and of the router, ${ROUNDS} times each in mid-stream, loses and doubles nothing`, async () => {
  const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama', LOBSTAH_LOG: 'warn' };
  const workerHome = createHome();
  const routerHome = createHome();
  writeFileSync(
    join(workerHome, 'settings.json'),
    JSON.stringify({ worker: { giftTokensPerDay: 1_000_000_000, concurrency: 8, maxQueue: 100 } }),
  );
  const acknowledged = new Set<string>();
  let worker = await startLobstah(['worker', 'start'], { home: workerHome, env });
  const workerArgs = ['worker', 'start', '--port', new URL(worker.workerUrl).port];
  writeFileSync(join(routerHome, 'peers.json'), JSON.stringify([{ pubkey: worker.pubkey, url: worker.workerUrl }]));
  let router = await startLobstah(['router', 'start'], { home: routerHome, env });
  const routerArgs = ['router', 'start', '--port', new URL(router.routerUrl).port];

  let seed = 12345;
  const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
  for (let round = 0; round < ROUNDS * 2; round += 1) {
    const stop = pour(router.routerUrl, acknowledged);
    await new Promise((resolve) => setTimeout(resolve, 30 + random() * 150));
    const victim: LobstahProcess = round % 2 === 0 ? worker : router;
    await victim.kill();
    const stopped = stop();
    if (round % 2 === 0) worker = await startLobstah(workerArgs, { home: workerHome, env });
    else router = await startLobstah(routerArgs, { home: routerHome, env });
    await stopped;
    if (round % 10 === 9) await checkBooks(router, acknowledged);
  }
  await Promise.all([worker.stop(), router.stop()]);
  const spent = await checkBooks(router, acknowledged);
  const earned = await checkBooks(worker, new Set());
  // What the asker was billed for, the worker has on its side too: it posts before it sends the receipt.
  for (const job of spent) expect(earned).toContain(job);
  console.log(
    `killed ${ROUNDS * 2} times; ${acknowledged.size} answers acknowledged, ${spent.size} spent, ${earned.size} earned`,
  );
  expect(acknowledged.size).toBeGreaterThan(20);
}, 600_000);
