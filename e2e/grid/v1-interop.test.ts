import { describe, expect, it } from 'vitest';
import { startV1Worker } from '../v1/v1-worker.ts';
import { askAsV1Router } from '../v1/v1-router.ts';
import { chat, newSigner, startTestGrid } from './test-grid.ts';

const v1Body = { model: 'm', messages: [{ role: 'user', content: 'hello' }] };

describe('our router at a v1 worker', () => {
  it('streams the answer, strips the receipt, and enters it', async () => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'] });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    const answer = await chat(router.api);
    expect(answer).toMatchObject({ status: 200, content: 'Hello from v1', done: true });
    expect(answer.text).not.toContain('lobstah-receipt');
    expect(worker.asked[0]?.requester).toBe(router.grid.pubkey);
    expect(router.books.entries({ limit: 9 })).toMatchObject([
      { kind: 'asked', workerPubkey: worker.pubkey, inputTokens: 11, outputTokens: 3, amountMicro: 14_000_000 },
    ]);
    expect(router.books.tabMicro(worker.pubkey)).toBe(-14_000_000);
  });

  it('sends only what v1 understands: plain strings, known roles, no unknown members', async () => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'] });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    const answer = await chat(router.api, {
      max_completion_tokens: 50,
      reasoning_effort: 'low',
      stream_options: { include_usage: true },
      messages: [
        { role: 'developer', content: 'be brief' },
        {
          role: 'user',
          content: [
            { type: 'text', text: 'a' },
            { type: 'text', text: 'b' },
          ],
        },
        { role: 'assistant', content: null },
      ],
    });
    expect(answer.status).toBe(200);
    expect(worker.asked[0]?.body).toEqual({
      model: 'm',
      stream: true,
      max_tokens: 50,
      messages: [
        { role: 'system', content: 'be brief' },
        { role: 'user', content: 'a\nb' },
        { role: 'assistant', content: '' },
      ],
    });
  });

  it('is not asked for what it would lose in silence', async () => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'] });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    const tools = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];
    const answer = await chat(router.api, { tools });
    expect([answer.status, answer.error?.code]).toEqual([503, 'no_capable_peer']);
    expect(JSON.stringify(answer.error)).toContain('would lose tools');
    expect(worker.asked).toEqual([]);
  });

  it.each([
    ['dies in the middle: an error event, never a clean end', { dieAfter: 2 }, 'Hello from', false, 'peer_lost'],
    [
      'forgets [DONE] after its finish reason: the answer is whole',
      { withoutDone: true },
      'Hello from v1',
      true,
      undefined,
    ],
  ])('%s', async (_name, fault, content, done, code) => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'], ...fault });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    const answer = await chat(router.api);
    expect(answer).toMatchObject({ content, done });
    expect(answer.error?.code).toBe(code);
  });

  it.each([
    ['402', { code: 402, body: { error: { type: 'insufficient_credit', message: 'no credit' } } }],
    ['400', { code: 400, body: { error: { formErrors: [], fieldErrors: {} } } }],
    ['502', { code: 502, body: { error: { type: 'engine_error' } } }],
  ])('%s from one peer does not end a request that another serves', async (_name, status) => {
    await using refusing = await startV1Worker({ signer: newSigner(), models: ['m'], status });
    // A lower tier: the refusing one is always asked first.
    await using serving = await startTestGrid({
      roles: 'worker',
      script: { tokens: ['ok'] },
      settings: { worker: { tier: 'batch' } },
    });
    await using router = await startTestGrid({
      roles: 'router',
      peers: [refusing, { pubkey: serving.grid.pubkey, url: serving.grid.workerUrl ?? '' }],
    });
    expect(await chat(router.api)).toMatchObject({ status: 200, content: 'ok', done: true });
    expect(await chat(router.api, { stream: false })).toMatchObject({ status: 200 });
    expect(refusing.asked).toHaveLength(2);
  });

  it('alone and refusing for credit: the client hears why, and never a 402 or 429, which would disable its key', async () => {
    await using worker = await startV1Worker({
      signer: newSigner(),
      models: ['m'],
      status: { code: 402, body: { error: { type: 'insufficient_credit', message: 'no credit' } } },
    });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    expect(await chat(router.api)).toMatchObject({ status: 400, error: { code: 'credit_spent' } });
  });
});

describe('a v1 router at our worker', () => {
  it('streams with a usage chunk unasked and a receipt it can verify', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const requester = newSigner().pubkey;
    const answer = await askAsV1Router(worker.grid.workerUrl ?? '', requester, { ...v1Body, stream: true });
    expect(answer).toMatchObject({ status: 200, content: 'Hello', done: true, receiptValid: true });
    expect(answer.usage).toEqual({ prompt_tokens: 7, completion_tokens: 2, total_tokens: 9 });
    expect(answer.receipt?.receipt).toMatchObject({
      version: 1,
      requesterPubkey: requester,
      workerPubkey: worker.grid.pubkey,
      model: 'm',
      inputTokens: 7,
      outputTokens: 2,
    });
  });

  it('gets the receipt in a header when it does not stream', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const answer = await askAsV1Router(worker.grid.workerUrl ?? '', newSigner().pubkey, v1Body);
    expect(answer).toMatchObject({ status: 200, content: 'Hello', receiptValid: true });
  });

  it('reads a capacity with all of its own members', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const capacity = (await (await fetch(`${worker.grid.workerUrl}/capacity`)).json()) as object;
    expect(capacity).toMatchObject({
      pubkey: worker.grid.pubkey,
      models: ['m'],
      tier: 'interactive',
      concurrency: 1,
      queueDepth: 0,
      jobCounts: {},
    });
  });

  it('is told 402 with the members v1 reads, once the gift budget of the day is used up', async () => {
    await using worker = await startTestGrid({ roles: 'worker', settings: { worker: { giftTokensPerDay: 5 } } });
    const first = await askAsV1Router(worker.grid.workerUrl ?? '', newSigner().pubkey, v1Body);
    expect(first.status).toBe(200);
    // Another key, fresh: the budget is one for all.
    const requester = newSigner().pubkey;
    const second = await askAsV1Router(worker.grid.workerUrl ?? '', requester, v1Body);
    expect(second).toMatchObject({
      status: 402,
      error: { type: 'gift_spent', availableTokens: 0, requesterPubkey: requester },
    });
  });

  it('learns by its status that the engine failed', async () => {
    await using worker = await startTestGrid({
      roles: 'worker',
      script: { failAfter: { tokens: 0, error: new Error('boom') } },
    });
    const answer = await askAsV1Router(worker.grid.workerUrl ?? '', newSigner().pubkey, { ...v1Body, stream: true });
    expect(answer).toMatchObject({ status: 502, error: { type: 'engine_error' } });
  });
});
