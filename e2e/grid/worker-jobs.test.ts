import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { startFakeOllama } from '../../app/engine/testing/fake-ollama.ts';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { sha256Hex, type Signer } from '../../app/protocol/ed25519.ts';
import { GridError } from '../../app/protocol/errors.ts';
import { encodeHeaderJson, HELLO_HEADER, ORDER_HEADER } from '../../app/protocol/headers.ts';
import { issueHello } from '../../app/protocol/hello.ts';
import { issueOrder } from '../../app/protocol/order.ts';
import { V1_PRICE } from '../../app/protocol/price.ts';
import { parsePubkey, type Pubkey } from '../../app/protocol/pubkey.ts';
import { verifyReceipt } from '../../app/protocol/receipt.ts';
import { jobAsV1Client } from '../v1/v1-router.ts';
import { filesWith } from './home-files.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';
import { newSigner, startTestGrid, until } from './test-grid.ts';

interface JobAnswer {
  readonly httpStatus: number;
  readonly id: string;
  readonly status: string;
  readonly result?: { choices: { message: { content: string } }[] };
  readonly receipt?: { receipt: { jobId: string; outputTokens: number } };
  readonly error?: { type: string; status?: string };
}

const SECRET = 'the-secret-that-is-asked';
const BODY = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: SECRET }] });

async function ask(url: string, init: RequestInit = {}): Promise<JobAnswer> {
  const response = await fetch(url, init);
  return { ...((await response.json()) as JobAnswer), httpStatus: response.status };
}

function placed(workerUrl: string, headers: Record<string, string> = {}): Promise<JobAnswer> {
  const json = { 'content-type': 'application/json' };
  return ask(`${workerUrl}/v1/jobs`, { method: 'POST', headers: { ...json, ...headers }, body: BODY });
}

function orderFor(workerPubkey: Pubkey, signer: Signer, deadlineMs = 3600_000) {
  const { order, signature, jobId } = issueOrder(
    {
      nonce: sha256Hex(String(Math.random())).slice(0, 32),
      workerPubkey,
      model: 'm',
      maxOutputTokens: 8192,
      price: V1_PRICE,
      bodySha256: sha256Hex(BODY),
      issuedAt: Date.now(),
      deadline: Date.now() + deadlineMs,
    },
    signer,
  );
  return { jobId, headers: { [ORDER_HEADER]: encodeHeaderJson({ order, signature }) } };
}

const ended = async (url: string, headers: Record<string, string> = {}): Promise<JobAnswer> => {
  let job = await ask(url, { headers });
  await until(async () => {
    job = await ask(url, { headers });
    return job.status !== 'queued' && job.status !== 'running';
  }, 'the job ended');
  return job;
};

describe('a job at a worker', () => {
  it('of a v1 client: 202, then its result and a receipt it can verify', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokenDelayMs: 20 } });
    const url = worker.grid.workerUrl ?? '';
    const requester = newSigner().pubkey;
    const job = await jobAsV1Client(url, requester, JSON.parse(BODY) as object);
    expect(job).toMatchObject({ status: 'done', content: 'Hello', receiptValid: true });
    expect(job.id).toMatch(/^[0-9a-f]{32}$/);
    const shown = await ask(`${url}/v1/jobs/${job.id}`);
    expect(verifyReceipt(shown.receipt)?.receipt).toMatchObject({ jobId: job.id, requesterPubkey: requester });
    expect(worker.books.entries({ limit: 9 })).toMatchObject([{ kind: 'given', jobId: job.id, outputTokens: 2 }]);
    const again = await ask(`${url}/v1/jobs/${job.id}`, { method: 'DELETE' });
    expect(again).toMatchObject({ httpStatus: 409, error: { type: 'not_cancellable', status: 'done' } });
    const capacity = (await (await fetch(`${url}/capacity`)).json()) as object;
    expect(capacity).toMatchObject({ jobCounts: { queued: 0, running: 0, done: 1, failed: 0 } });
  });

  it('of a v1 client that fails: why, and no receipt', async () => {
    const failAfter = { tokens: 1, error: new GridError('engine_cut') };
    await using worker = await startTestGrid({ roles: 'worker', script: { failAfter } });
    const job = await jobAsV1Client(worker.grid.workerUrl ?? '', newSigner().pubkey, JSON.parse(BODY) as object);
    expect(job).toMatchObject({ status: 'failed', receiptValid: false, error: { type: 'engine_cut' } });
    expect(worker.books.entries({ limit: 9 })).toEqual([]);
  });

  it('that is signed is shown to its requester only, and its order is taken once', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const [alice, mallory] = [newSigner(), newSigner()];
    const { jobId, headers } = orderFor(worker.signer.pubkey, alice);
    const url = worker.grid.workerUrl ?? '';
    expect(await placed(url, headers)).toMatchObject({ httpStatus: 202, id: jobId });
    expect(await placed(url, headers)).toMatchObject({ httpStatus: 409, error: { type: 'order_replayed' } });
    const job = `${url}/v1/jobs/${jobId}`;
    expect(await ended(job, headers)).toMatchObject({ status: 'done', receipt: { receipt: { jobId } } });
    const hello = (signer: Signer) => ({
      [HELLO_HEADER]: encodeHeaderJson(issueHello(worker.signer.pubkey, Date.now(), signer)),
    });
    expect(await ask(job, { headers: hello(alice) })).toMatchObject({ status: 'done' });
    for (const stranger of [{}, hello(mallory), orderFor(worker.signer.pubkey, mallory).headers])
      for (const method of ['GET', 'DELETE'])
        expect(await ask(job, { method, headers: stranger })).toMatchObject({
          httpStatus: 404,
          error: { type: 'job_not_found' },
        });
  });

  it('goes through the door of chats: sharing, model, credit', async () => {
    await using worker = await startTestGrid({ roles: 'worker', settings: { worker: { giftTokensPerDay: 0 } } });
    expect(await placed(worker.grid.workerUrl ?? '')).toMatchObject({ httpStatus: 402, error: { type: 'gift_spent' } });
    await using other = await startTestGrid({ roles: 'worker', script: { models: [{ name: 'another' }] } });
    expect(await placed(other.grid.workerUrl ?? '')).toMatchObject({ httpStatus: 404 });
  });

  it('waits in a line of bounded length, and who is at its end is told', async () => {
    await using worker = await startTestGrid({
      roles: 'worker',
      script: { tokenDelayMs: 60_000 },
      settings: { worker: { giftTokensPerDay: 1_000_000_000 } },
    });
    const url = worker.grid.workerUrl ?? '';
    const jobs = await Promise.all(Array.from({ length: 22 }, () => placed(url)));
    expect(jobs.filter(({ httpStatus }) => httpStatus === 202)).toHaveLength(20);
    expect(jobs.filter(({ error }) => error?.type === 'too_many_jobs')).toHaveLength(2);
    // Another requester still finds a place.
    const signed = orderFor(worker.signer.pubkey, newSigner());
    expect(await placed(url, signed.headers)).toMatchObject({ httpStatus: 202 });
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
  it('kill -9 in mid-job: taken up again, done once, one receipt; what was asked and answered is in no file', async () => {
    await using ollama = await startFakeOllama({
      models: [{ name: 'm' }],
      tokens: ['an-answer-', 'that-nobody-', 'may-read'],
      tokenDelayMs: 60_000,
    });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const home = createHome();
    let worker = await start(['worker', 'start'], home, env);
    const port = new URL(worker.workerUrl).port;
    const pubkey = parsePubkey(worker.pubkey)!;
    const signed = orderFor(pubkey, newSigner());
    const unsigned = await placed(worker.workerUrl);
    expect((await placed(worker.workerUrl, signed.headers)).httpStatus).toBe(202);
    await until(() => ollama.running === 1, 'the engine works on the first');
    await worker.kill();
    expect(filesWith(home, SECRET)).toEqual([]);

    ollama.script.tokenDelayMs = 0;
    worker = await start(['worker', 'start', '--port', port], home, env);
    for (const [id, headers] of [
      [unsigned.id, {}],
      [signed.jobId, signed.headers],
    ] as const) {
      const done = await ended(`${worker.workerUrl}/v1/jobs/${id}`, headers);
      expect(done).toMatchObject({ status: 'done', receipt: { receipt: { jobId: id } } });
      expect(done.result?.choices[0]?.message.content).toBe('an-answer-that-nobody-may-read');
    }
    await worker.stop();
    expect(filesWith(home, SECRET)).toEqual([]);
    expect(filesWith(home, 'that-nobody-may-read')).toEqual([]);
    await using books = await openLedger({ file: join(home, 'ledger.sqlite'), ownPubkey: pubkey });
    expect(
      books
        .entries({ limit: 9 })
        .map(({ jobId }) => jobId)
        .sort(),
    ).toEqual([unsigned.id, signed.jobId].sort());
    expect(books.audit()).toMatchObject({ unbalanced: [], wrongBalances: [] });
    expect(books.storedJobs.prompt('serving', signed.jobId)).toBeUndefined();
  });

  it('cancelled: the engine stops within 300 ms, nobody owes, and a restart does not bring it back', async () => {
    await using ollama = await startFakeOllama({ models: [{ name: 'm' }], tokens: 1_000, tokenDelayMs: 20 });
    const env = { OLLAMA_HOST: ollama.url, LOBSTAH_ENGINE: 'ollama' };
    const home = createHome();
    writeFileSync(join(home, 'settings.json'), '{}');
    let worker = await start(['worker', 'start'], home, env);
    const port = new URL(worker.workerUrl).port;
    const job = await placed(worker.workerUrl);
    await until(() => ollama.running === 1, 'the engine works on it');
    const cancelledAtMs = performance.now();
    const answer = await ask(`${worker.workerUrl}/v1/jobs/${job.id}`, { method: 'DELETE' });
    await until(() => ollama.aborted === 1, 'the engine was stopped');
    expect((ollama.abortedAtMs ?? Infinity) - cancelledAtMs).toBeLessThan(300);
    expect(answer).toMatchObject({ httpStatus: 200, status: 'cancelled' });
    await worker.stop();
    worker = await start(['worker', 'start', '--port', port], home, env);
    expect(await ask(`${worker.workerUrl}/v1/jobs/${job.id}`)).toMatchObject({ status: 'cancelled' });
    await worker.stop();
    expect(ollama.chats).toHaveLength(1);
    await using books = await openLedger({ file: join(home, 'ledger.sqlite'), ownPubkey: parsePubkey(worker.pubkey)! });
    expect(books.entries({ limit: 9 })).toEqual([]);
  });
});
