import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { request as httpRequest } from 'undici';
import { chat, peerOf, startTestGrid } from './test-grid.ts';

const PROMPT = 'a secret about lobsters that no log may hold';

/** fetch refuses to send another Host name */
async function read(url: string, headers: Record<string, string> = {}): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await httpRequest(url, { headers });
  return { status: statusCode, text: await body.text() };
}

function logLines(home: string): { requestId?: string; jobId?: string; room?: string; msg?: string }[] {
  return readFileSync(join(home, 'logs/lobstah.log'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as object);
}

describe('who watches', () => {
  it('follows one request by one id through router and worker to its receipt, and finds no prompt on the way', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const answer = await chat(
      router.api,
      { messages: [{ role: 'user', content: PROMPT }] },
      { 'x-request-id': 'from-the-client-1' },
    );
    expect(answer.headers.get('x-request-id')).toBe('from-the-client-1');
    const jobId = answer.headers.get('x-lobstah-job') ?? '';
    expect(router.books.entry(jobId)?.receiptJson).toContain(jobId);
    const told = (home: string) => logLines(home).filter(({ requestId }) => requestId === 'from-the-client-1');
    await expect.poll(() => told(router.home).map(({ room }) => room)).toContain('router');
    await expect.poll(() => told(worker.home)).toMatchObject([{ room: 'worker', jobId, outcome: 'ok' }]);
    for (const { home } of [worker, router])
      expect(readFileSync(join(home, 'logs/lobstah.log'), 'utf8')).not.toContain('lobsters');
  });

  it('gives a request an id that has none, or none that can be printed', async () => {
    await using grid = await startTestGrid({ roles: 'both' });
    const ids = [undefined, 'a b', 'x'.repeat(80)].map(async (given) => {
      const answer = await chat(grid.api, {}, given === undefined ? {} : { 'x-request-id': given });
      return answer.headers.get('x-request-id');
    });
    for (const id of await Promise.all(ids)) expect(id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads numbers of both sides, without a key, a model or an address in them', async () => {
    await using grid = await startTestGrid({ roles: 'both' });
    await chat(grid.api, { messages: [{ role: 'user', content: PROMPT }] });
    const [worker, router] = await Promise.all([
      read(`${grid.grid.workerUrl ?? ''}/metrics`),
      read(`${grid.grid.routerUrl ?? ''}/metrics`),
    ]);
    expect(router.text).toContain('lobstah_router_request_seconds_count{outcome="ok"} 1');
    expect(router.text).toContain('lobstah_router_receipts_total{outcome="known"} 1');
    expect(worker.text).toContain('lobstah_worker_request_seconds_count{outcome="ok"} 1');
    expect(worker.text).toMatch(/lobstah_worker_tokens_total\{direction="output"\} [1-9]/);
    expect(worker.text + router.text).not.toMatch(/lob1|127\.0\.0\.1|lobsters/);
  });

  it('is on this machine: under another name, or through a proxy, there is nothing', async () => {
    await using grid = await startTestGrid({ roles: 'both' });
    const url = `${grid.grid.workerUrl ?? ''}/metrics`;
    expect((await read(url, { 'x-forwarded-for': '203.0.113.9' })).status).toBe(404);
    expect((await read(url, { host: 'mac.example' })).status).toBe(403);
  });
});
