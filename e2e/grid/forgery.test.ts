import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../app/protocol/canonical-json.ts';
import type { Signer } from '../../app/protocol/ed25519.ts';
import { issueOrder, type Order } from '../../app/protocol/order.ts';
import { startV1Worker, type V1WorkerOptions } from '../v1/v1-worker.ts';
import { chat, newSigner, peerOf, startTestGrid, type TestGrid } from './test-grid.ts';

const BODY = JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] });

function orderFor(worker: TestGrid, signer: Signer, changes: Partial<Order> = {}): string {
  const now = Date.now();
  const { order, signature } = issueOrder(
    {
      nonce: randomBytes(16).toString('hex'),
      workerPubkey: worker.signer.pubkey,
      model: 'm',
      maxOutputTokens: 100,
      price: { input: 1_000_000, output: 1_000_000 },
      bodySha256: createHash('sha256').update(BODY).digest('hex'),
      issuedAt: now,
      deadline: now + 60_000,
      ...changes,
    },
    signer,
  );
  return Buffer.from(JSON.stringify({ order, signature })).toString('base64');
}

async function post(worker: TestGrid, headers: Record<string, string>, body = BODY) {
  const response = await fetch(`${worker.grid.workerUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
  const text = await response.text();
  const error = response.ok ? undefined : (JSON.parse(text) as { error: { type: string; reason?: string } }).error;
  return { status: response.status, text, error };
}

describe('at a worker', () => {
  it("a forged x-lobstah-requester spends nobody's credit", async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const victim = newSigner();
    const { status } = await post(worker, { 'x-lobstah-requester': victim.pubkey });
    expect(status).toBe(200);
    expect(worker.books.tabMicro(victim.pubkey)).toBe(0);
    expect(worker.books.tabs()).toEqual([]);
    expect(worker.books.totals()).toMatchObject({ earnedMicro: 0, givenMicro: 9_000_000 });
  });

  it('a good order is served, and its price goes on the tab of its signer', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const requester = newSigner();
    const { status, text } = await post(worker, { 'x-lobstah-order': orderFor(worker, requester) });
    expect(status).toBe(200);
    expect(text).toContain('data: [DONE]');
    expect(worker.books.tabMicro(requester.pubkey)).toBe(9_000_000);
  });

  it.each<[string, Partial<Order>, string]>([
    ['for another worker', { workerPubkey: newSigner().pubkey }, 'other_worker'],
    ['signed for another body', { bodySha256: '0'.repeat(64) }, 'other_body'],
    ['for another model', { model: 'n' }, 'other_model'],
    ['that pays nothing', { price: { input: 0, output: 0 } }, 'price_below_offer'],
    ['that is ten minutes old', { issuedAt: Date.now() - 600_000 }, 'stale'],
    ['from the future', { issuedAt: Date.now() + 600_000, deadline: Date.now() + 700_000 }, 'stale'],
  ])('an order %s is refused', async (_name, changes, reason) => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const answer = await post(worker, { 'x-lobstah-order': orderFor(worker, newSigner(), changes) });
    expect([answer.status, answer.error?.type, answer.error?.reason]).toEqual([401, 'order_invalid', reason]);
    expect(worker.engine.asked).toEqual([]);
  });

  it('an order signed by another key than it names is refused', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const json = JSON.parse(Buffer.from(orderFor(worker, newSigner()), 'base64').toString()) as { order: Order };
    const forged = { order: json.order, signature: newSigner().sign(canonicalJson(json.order)) };
    const header = Buffer.from(JSON.stringify(forged)).toString('base64');
    expect((await post(worker, { 'x-lobstah-order': header })).error).toMatchObject({ type: 'order_invalid' });
    expect((await post(worker, { 'x-lobstah-order': 'junk' })).error).toMatchObject({ type: 'order_invalid' });
  });

  it('the same order twice, also twice at once, is served once', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const headers = { 'x-lobstah-order': orderFor(worker, newSigner()) };
    const statuses = (await Promise.all([1, 2, 3, 4, 5].map(() => post(worker, headers)))).map(({ status }) => status);
    expect(statuses.sort()).toEqual([200, 409, 409, 409, 409]);
    expect((await post(worker, headers)).error?.type).toBe('order_replayed');
    expect(worker.books.entries({ limit: 9 })).toHaveLength(1);
  });

  it('a body altered on the way is refused', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    const altered = BODY.replace('hello', 'hallo');
    const answer = await post(worker, { 'x-lobstah-order': orderFor(worker, newSigner()) }, altered);
    expect(answer.error).toMatchObject({ type: 'order_invalid', reason: 'other_body' });
  });
});

describe('at a router: the client gets its answer, the receipt costs nothing', () => {
  const other = newSigner();
  it.each<[string, Partial<V1WorkerOptions>, string]>([
    ['no receipt', { signed: () => undefined }, 'missing'],
    ['junk for a receipt', { signed: () => 'junk' }, 'unreadable'],
    [
      'a receipt altered after signing',
      { signed: (s) => ({ ...s, receipt: { ...s.receipt, inputTokens: 1 } }) },
      'unreadable',
    ],
    [
      "another worker's receipt",
      {
        signed: ({ receipt }) => {
          const theirs = { ...receipt, workerPubkey: other.pubkey };
          return { receipt: theirs, signature: other.sign(canonicalJson(theirs)) };
        },
      },
      'other_worker',
    ],
    [
      'a receipt for another requester',
      { receipt: (r) => ({ ...r, requesterPubkey: other.pubkey }) },
      'other_requester',
    ],
    ['a receipt for another model', { receipt: (r) => ({ ...r, model: 'gpt' }) }, 'other_model'],
    ['a receipt for a million tokens out', { receipt: (r) => ({ ...r, outputTokens: 1_000_000 }) }, 'over_cap'],
    ['a receipt for eight thousand tokens out', { receipt: (r) => ({ ...r, outputTokens: 8_000 }) }, 'inflated_output'],
    ['a receipt for a million tokens in', { receipt: (r) => ({ ...r, inputTokens: 1_000_000 }) }, 'inflated_input'],
    ['negative tokens', { receipt: (r) => ({ ...r, outputTokens: -5 }) }, 'unreadable'],
    ['an old receipt', { receipt: (r) => ({ ...r, startedAt: 1, completedAt: Date.now() - 400_000 }) }, 'stale'],
    ['a receipt from the future', { receipt: (r) => ({ ...r, completedAt: Date.now() + 400_000 }) }, 'stale'],
  ])('%s', async (_name, fault, dispute) => {
    await using worker = await startV1Worker({ signer: newSigner(), models: ['m'], ...fault });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    expect(await chat(router.api)).toMatchObject({ status: 200, content: 'Hello from v1', done: true });
    expect(router.books.entries({ limit: 9 })).toMatchObject([{ kind: 'disputed', dispute, amountMicro: 0 }]);
    expect(router.books.totals().spentMicro).toBe(0);
  });

  it('the same receipt sent for a second answer counts once', async () => {
    const fixed = { nonce: '11'.repeat(16), jobId: 'same' };
    await using worker = await startV1Worker({
      signer: newSigner(),
      models: ['m'],
      receipt: (r) => ({ ...r, ...fixed }),
    });
    await using router = await startTestGrid({ roles: 'router', peers: [worker] });
    await chat(router.api);
    await chat(router.api);
    expect(router.books.totals()).toMatchObject({ spentMicro: 14_000_000, jobs: 1 });
  });
});

describe('two Lobstahs', () => {
  it('agree: what one spent the other earned, with the order on both sides', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const answer = await chat(router.api);
    expect(answer).toMatchObject({ content: 'Hello', done: true });
    const jobId = answer.headers.get('x-lobstah-job') ?? '';
    const spent = router.books.entry(jobId);
    const earned = worker.books.entry(jobId);
    expect([spent?.kind, earned?.kind]).toEqual(['asked', 'served']);
    expect(spent?.amountMicro).toBe(9_000_000);
    expect(spent?.receiptJson).toBe(earned?.receiptJson);
    expect(spent?.orderJson).toBe(earned?.orderJson);
    expect(router.books.tabMicro(worker.grid.pubkey)).toBe(-9_000_000);
    expect(worker.books.tabMicro(router.grid.pubkey)).toBe(9_000_000);
    for (const { books } of [worker, router])
      expect(books.audit()).toEqual({ entries: 1, unbalanced: [], wrongBalances: [] });
  });

  it('own use is one entry, free, and no earning', async () => {
    await using both = await startTestGrid({ roles: 'both' });
    expect(await chat(both.api)).toMatchObject({ content: 'Hello', done: true });
    expect(both.books.entries({ limit: 9 })).toMatchObject([{ kind: 'own', amountMicro: 0 }]);
    expect(both.books.totals()).toEqual({ earnedMicro: 0, spentMicro: 0, givenMicro: 0, ownTokens: 9, jobs: 1 });
  });

  it('credit earned with a peer pays for requests beyond the gift budget', async () => {
    await using a = await startTestGrid({ roles: 'both', settings: { worker: { giftTokensPerDay: 0 } } });
    await using b = await startTestGrid({ roles: 'router', peers: [peerOf(a)] });
    expect(await chat(b.api)).toMatchObject({ status: 400, error: { code: 'credit_spent' } });
    // a owes b nine tokens: b's key has served a before.
    const receipt = { inputTokens: 7, outputTokens: 2 };
    await creditByServing(a, b, receipt);
    expect(await chat(b.api)).toMatchObject({ status: 200, content: 'Hello' });
    expect(a.books.tabMicro(b.grid.pubkey)).toBe(0);
  });
});

/** b answers a once, so that a owes b. */
async function creditByServing(
  a: TestGrid,
  b: TestGrid,
  tokens: { inputTokens: number; outputTokens: number },
): Promise<void> {
  await using worker = await startV1Worker({
    signer: b.signer,
    models: ['only-b'],
    tokens: ['x'.repeat(tokens.outputTokens)],
    receipt: (receipt) => ({ ...receipt, ...tokens }),
  });
  await a.grid.command('addPeer', { pubkey: b.grid.pubkey, url: worker.url });
  const answer = await chat(a.api, { model: 'only-b' });
  expect(answer.status).toBe(200);
  await a.grid.command('removePeer', { pubkey: b.grid.pubkey });
}
