import { describe, expect, it } from 'vitest';
import { chat, peerOf, startTestGrid, until, type TestGrid } from './test-grid.ts';

/** Longer than a router waits for a silent peer: it is the heartbeats that must not keep a hung engine alive. */
const LIMITS = {
  firstMs: 4_000,
  inputTokensPerSecond: 1_000,
  firstBehindOthersMs: 60_000,
  stallMs: 4_000,
  stallWithToolsMs: 4_000,
};

const hungAfter = (tokens: number) =>
  startTestGrid({
    roles: 'worker',
    script: { tokens: ['a', 'b', 'c'], hangAfter: tokens },
    engineLimits: LIMITS,
    settings: { worker: { concurrency: 2 } },
  });

const helper = () =>
  startTestGrid({
    roles: 'worker',
    script: { tokens: ['ok'] },
    settings: { worker: { tier: 'batch', concurrency: 2 } },
  });

const contentOf = (text: string) =>
  (JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message.content;

async function isFreeAgain({ grid, engine }: TestGrid, aborted: number): Promise<void> {
  await until(() => grid.snapshot().jobs.length === 0, 'the place is free');
  expect(engine.aborted).toBe(aborted);
}

describe('an engine that hangs behind a worker', () => {
  it('before its first token: another peer answers, and nobody is billed for the first', async () => {
    await using hung = await hungAfter(0);
    await using good = await helper();
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(hung), peerOf(good)] });
    const [stream, whole] = await Promise.all([chat(router.api), chat(router.api, { stream: false })]);
    expect(stream).toMatchObject({ status: 200, content: 'ok', done: true });
    expect(contentOf(whole.text)).toBe('ok');
    expect(hung.books.entries({ limit: 9 })).toEqual([]);
    await isFreeAgain(hung, 2);
  });

  it('and nobody else has the model: the client is told which engine it was', async () => {
    await using hung = await hungAfter(0);
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(hung)] });
    const answer = await chat(router.api);
    expect(answer).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
    expect(answer.error?.message).toContain('did not begin to answer in time');
    expect(answer.text).toContain('engine_stalled');
  });

  it('in mid-stream: the answer ends with an error, and what was delivered is receipted', async () => {
    await using hung = await hungAfter(2);
    await using good = await helper();
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(hung), peerOf(good)] });
    const [stream, whole] = await Promise.all([chat(router.api), chat(router.api, { stream: false })]);
    expect(stream).toMatchObject({ status: 200, content: 'ab', done: false, error: { code: 'peer_lost' } });
    expect(contentOf(whole.text)).toBe('ok');
    await isFreeAgain(hung, 2);
    const entries = hung.books.entries({ limit: 9 });
    expect(entries).toMatchObject([
      { kind: 'served', outputTokens: 2, requesterPubkey: router.grid.pubkey },
      { kind: 'served', outputTokens: 2, requesterPubkey: router.grid.pubkey },
    ]);
  });

  it('asked without a router: a named error, as JSON where no stream was wanted', async () => {
    await using hung = await hungAfter(1);
    const api = `${hung.grid.workerUrl}/v1`;
    const [stream, whole] = await Promise.all([chat(api), chat(api, { stream: false })]);
    expect(stream).toMatchObject({ content: 'a', done: false, error: { type: 'engine_stalled' } });
    expect(whole).toMatchObject({ status: 504, error: { type: 'engine_stalled' } });
    await isFreeAgain(hung, 2);
    // Whoever wanted no stream has got nothing, and pays nothing.
    expect(hung.books.entries({ limit: 9 })).toMatchObject([{ kind: 'given', outputTokens: 1 }]);
  });
});
