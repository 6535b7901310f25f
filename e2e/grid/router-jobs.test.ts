import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { parsePubkey } from '../../app/protocol/pubkey.ts';
import { jobAsV1Client } from '../v1/v1-router.ts';
import { startV1Worker } from '../v1/v1-worker.ts';
import { filesWith } from './home-files.ts';
import { createHome, runLobstah, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { newSigner, peerOf, startTestGrid, until } from './test-grid.ts';

interface JobAnswer {
  readonly httpStatus: number;
  readonly id: string;
  readonly status: string;
  readonly tries?: number;
  readonly result?: { choices: { message: { content: string } }[] };
  readonly receipt?: { receipt: { jobId: string } };
  readonly error?: { type: string; status?: string };
}

async function ask(url: string, init: RequestInit = {}): Promise<JobAnswer> {
  const response = await fetch(url, init);
  return { ...((await response.json()) as JobAnswer), httpStatus: response.status };
}

const place = (router: string, body: object = {}): Promise<JobAnswer> =>
  ask(`${router}/v1/jobs`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hello' }], ...body }),
  });

async function untilStatus(url: string, status: string, limitMs = 10_000): Promise<JobAnswer> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const job = await ask(url);
    if (job.status === status) return job;
    if (Date.now() > deadline) throw new Error(`still ${JSON.stringify(job)}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a job at the router', () => {
  it('is answered by a peer, paid once, and its prompt is gone', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const url = router.grid.routerUrl ?? '';
    const job = await place(url);
    expect(job).toMatchObject({ httpStatus: 202, id: expect.stringMatching(/^[0-9a-f]{32}$/) as string });
    const done = await untilStatus(`${url}/v1/jobs/${job.id}`, 'done');
    expect(done.result?.choices[0]?.message.content).toBe('Hello');
    const jobId = done.receipt?.receipt.jobId;
    expect(router.books.entries({ limit: 9 })).toMatchObject([{ kind: 'asked', jobId }]);
    expect(worker.books.entries({ limit: 9 })).toMatchObject([{ kind: 'served', jobId }]);
    expect(router.books.openOrders()).toEqual([]);
    expect(router.books.storedJobs.prompt('asking', job.id)).toBeUndefined();
    const list = (await (await fetch(`${url}/v1/jobs`)).json()) as { data: object[] };
    expect(list.data).toMatchObject([{ id: job.id, status: 'done' }]);
    expect(JSON.stringify(list)).not.toContain('Hello');
    expect(await ask(`${url}/v1/jobs/${job.id}`, { method: 'DELETE' })).toMatchObject({
      httpStatus: 409,
      error: { type: 'not_cancellable', status: 'done' },
    });
    expect(await ask(`${url}/v1/jobs/other`)).toMatchObject({ httpStatus: 404, error: { type: 'job_not_found' } });
  });

  it('of a v1 client has the shapes it knows', async () => {
    await using own = await startTestGrid({ roles: 'both' });
    const body = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };
    const job = await jobAsV1Client(own.grid.routerUrl ?? '', 'anonymous', body);
    expect(job).toMatchObject({ status: 'done', content: 'Hello', receiptValid: true });
    expect(own.books.entries({ limit: 9 })).toMatchObject([{ kind: 'own' }]);
  });

  it('is answered by a v1 worker too, which knows no orders', async () => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'] });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    const url = router.grid.routerUrl ?? '';
    const done = await untilStatus(`${url}/v1/jobs/${(await place(url)).id}`, 'done');
    expect(done.result?.choices[0]?.message.content).toBe('Hello from v1');
    expect(router.books.entries({ limit: 9 })).toMatchObject([{ kind: 'asked', workerPubkey: worker.pubkey }]);
  });

  it('that nobody could do is refused at once, in words of v1', async () => {
    await using router = await startTestGrid({ roles: 'router' });
    const url = router.grid.routerUrl ?? '';
    expect(await place(url)).toMatchObject({ httpStatus: 503, error: { type: 'no_peers' } });
    expect(await place(url, { messages: [] })).toMatchObject({ httpStatus: 400, error: { type: 'bad_request' } });
  });

  it('is cancelled, and with it the work at the peer', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokenDelayMs: 60_000 } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const url = router.grid.routerUrl ?? '';
    const job = await place(url);
    await until(() => worker.engine.asked.length === 1, 'the engine works on it');
    const cancelled = await ask(`${url}/v1/jobs/${job.id}`, { method: 'DELETE' });
    expect(cancelled).toMatchObject({ httpStatus: 200, status: 'cancelled' });
    await until(() => worker.engine.aborted === 1, 'the engine was stopped');
  });
});

const running: LobstahProcess[] = [];
afterEach(async () => {
  await Promise.all(running.splice(0).map((process) => process.kill()));
});
async function start(args: readonly string[], home: string, env: Record<string, string>): Promise<LobstahProcess> {
  const process = await startLobstah(args, { home, env });
  running.push(process);
  return process;
}

describe('with real processes', () => {
  it('kill -9 of the worker, then of the router, in mid-job: done once, receipts once on both sides', async () => {
    await using ollama = await startFakeOllama({
      models: [{ name: 'm' }],
      tokens: ['an ', 'answer'],
      tokenDelayMs: 60_000,
    });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const [workerHome, routerHome] = [createHome(), createHome()];
    let worker = await start(['worker', 'start'], workerHome, env);
    const workerPort = new URL(worker.workerUrl).port;
    writeFileSync(join(routerHome, 'peers.json'), JSON.stringify([{ pubkey: worker.pubkey, url: worker.workerUrl }]));
    let router = await start(['router', 'start'], routerHome, env);
    const routerPort = new URL(router.routerUrl).port;
    const job = await place(router.routerUrl, { messages: [{ role: 'user', content: 'the-secret-that-is-asked' }] });
    const url = `${router.routerUrl}/v1/jobs/${job.id}`;

    await until(() => ollama.chats.length === 1, 'the engine works on it');
    await worker.kill();
    await untilStatus(url, 'queued');
    worker = await start(['worker', 'start', '--port', workerPort], workerHome, env);
    const deadline = Date.now() + 120_000;
    while (ollama.chats.length < 2 && Date.now() < deadline) await new Promise((resolve) => setTimeout(resolve, 50));
    expect(ollama.chats).toHaveLength(2);

    await router.kill();
    expect(filesWith(routerHome, 'the-secret-that-is-asked')).toEqual([]);
    await until(() => ollama.running === 0, 'the worker noticed that nobody listens');
    ollama.script.tokenDelayMs = 0;
    router = await start(['router', 'start', '--port', routerPort], routerHome, env);
    const done = await untilStatus(url, 'done', 30_000);
    expect(done.result?.choices[0]?.message.content).toBe('an answer');
    await Promise.all([router.stop(), worker.stop()]);
    for (const { home, pubkey } of [worker, router]) {
      await using books = await openLedger({ file: join(home, 'ledger.sqlite'), ownPubkey: parsePubkey(pubkey)! });
      expect(books.entries({ limit: 9 }).map(({ jobId }) => jobId)).toEqual([done.receipt?.receipt.jobId]);
      expect(books.audit()).toMatchObject({ unbalanced: [], wrongBalances: [] });
    }
  }, 240_000);

  it('the command line leaves a job, waits for it, lists and cancels', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: ['an ', 'answer'] });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama', LOBSTAH_API_KEY: 'a-key-of-this-test-only' };
    const home = createHome();
    await start(['up'], home, env);
    const run = (...args: string[]) => runLobstah(['jobs', ...args], { home, env });
    const waited = await run('submit', '--wait', '--model', 'm', 'hello', 'there');
    expect(waited).toMatchObject({ code: 0, stdout: expect.stringContaining('an answer') as string });

    ollama.script.tokenDelayMs = 60_000;
    const placed = JSON.parse((await run('submit', '--model', 'm', '--json', 'hello')).stdout) as JobAnswer;
    const cancelled = await run('cancel', placed.id.slice(0, 10), '--json');
    expect(JSON.parse(cancelled.stdout)).toMatchObject({ id: placed.id, status: 'cancelled' });
    expect(await run('cancel', placed.id)).toMatchObject({ code: 1 });
    const list = JSON.parse((await run('list', '--json')).stdout) as { jobs: JobAnswer[] };
    expect(list.jobs.map(({ status }) => status)).toEqual(['cancelled', 'done']);
    expect((await run('show', placed.id)).stdout).toContain('was cancelled');
    expect(await run('show', 'ffff')).toMatchObject({ code: 1 });
  });
});
