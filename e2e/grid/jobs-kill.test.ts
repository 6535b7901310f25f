import { join } from 'node:path';
import { expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { parsePubkey } from '../../app/protocol/pubkey.ts';
import { createHome, startLobstah } from './lobstah-process.ts';
import { until } from './test-grid.ts';

const ROUNDS = 12;
const PER_ROUND = 6;

it(`${ROUNDS} times kill -9 at random moments: each job that got its 202 is done once, with one receipt`, async () => {
  await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 8, tokenDelayMs: 2 });
  const home = createHome();
  const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama', LOBSTAH_LOG: 'warn' };
  let process = await startLobstah(['up'], { home, env });
  const ports = [
    ['--worker-port', new URL(process.workerUrl).port],
    ['--router-port', new URL(process.routerUrl).port],
    ['--dashboard-port', '0'],
  ].flat();
  const accepted: string[] = [];
  const place = async () => {
    const response = await fetch(`${process.routerUrl}/v1/jobs`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }] }),
    });
    const { id } = (await response.json()) as { id: string };
    if (response.status === 202) accepted.push(id);
  };
  try {
    let seed = 7;
    const random = () => (seed = (seed * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
    for (let round = 0; round < ROUNDS; round += 1) {
      const before = accepted.length;
      const placing = Promise.allSettled(Array.from({ length: PER_ROUND }, place));
      await until(() => accepted.length > before, 'the first of this round is accepted');
      await new Promise((resolve) => setTimeout(resolve, random() * 120));
      await process.kill();
      await placing;
      process = await startLobstah(['up', ...ports], { home, env });
    }
    await Promise.all(Array.from({ length: PER_ROUND }, place));
    const jobs = async () =>
      ((await (await fetch(`${process.routerUrl}/v1/jobs`)).json()) as { data: { id: string; status: string }[] }).data;
    const deadline = Date.now() + 60_000;
    while ((await jobs()).some(({ status }) => status !== 'done') && Date.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect((await jobs()).map(({ status }) => status).filter((status) => status !== 'done')).toEqual([]);
    expect((await jobs()).map(({ id }) => id)).toEqual(expect.arrayContaining(accepted));
    const receipts = new Set<string>();
    for (const { id } of await jobs()) {
      const job = (await (await fetch(`${process.routerUrl}/v1/jobs/${id}`)).json()) as {
        receipt: { receipt: { jobId: string } };
      };
      receipts.add(job.receipt.receipt.jobId);
    }
    expect(receipts.size).toBe((await jobs()).length);
    await process.stop();
    await using books = await openLedger({
      file: join(home, 'ledger.sqlite'),
      ownPubkey: parsePubkey(process.pubkey)!,
    });
    const entries = books.entries({ limit: 1_000 });
    for (const jobId of receipts) expect(entries.filter((entry) => entry.jobId === jobId)).toHaveLength(1);
    expect(books.audit()).toMatchObject({ unbalanced: [], wrongBalances: [] });
    console.log(`${accepted.length} jobs accepted, ${receipts.size} done, ${entries.length} entries`);
    expect(accepted.length).toBeGreaterThanOrEqual(ROUNDS + PER_ROUND);
  } finally {
    await process.kill();
  }
}, 300_000);
