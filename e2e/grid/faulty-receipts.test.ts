import { describe, expect, it } from 'vitest';
import { issueReceipt, type SignedReceipt } from '../../app/protocol/receipt.ts';
import { say, startFaultyPeer, type Exchange } from './faulty-peer.ts';
import { chat, newSigner, startTestGrid } from './test-grid.ts';

const MINUTE = 60_000;
const other = newSigner();

function answerWith(exchange: Exchange, signed: unknown): void {
  exchange.head();
  exchange.write(say.role + say.delta('Hel') + say.delta('lo') + say.finish + say.usage);
  exchange.write(say.receipt(signed) + say.done);
  exchange.end();
}

/** forgery.test.ts has those of v1 peers; with an order the receipt is bound to it, field by field. */
describe('a receipt for an order', () => {
  it.each<[string, (exchange: Exchange) => unknown, string]>([
    ['with a bad signature', (e) => ({ ...e.signed(), signature: '0'.repeat(128) }), 'unreadable'],
    ['signed by another key than it names', (e) => ({ ...e.signed(), signature: forged(e).signature }), 'unreadable'],
    ["with another worker's key, signed by it", (e) => forged(e), 'other_worker'],
    ['of another requester', (e) => e.signed({ requesterPubkey: other.pubkey }), 'other_requester'],
    ['of an anonymous one', (e) => e.signed({ requesterPubkey: 'anonymous' }), 'other_requester'],
    ['under another job id', (e) => e.signed({ jobId: 'f'.repeat(64) }), 'other_job'],
    ['under another nonce', (e) => e.signed({ nonce: 'f'.repeat(32) }), 'other_nonce'],
    ['from before the order', (e) => aged(e, -10 * MINUTE), 'stale'],
    ['from after its deadline', (e) => aged(e, 120 * MINUTE), 'stale'],
    ['beyond the cap', (e) => e.signed({ outputTokens: 8_193 }), 'over_cap'],
    ['inflated in its output', (e) => e.signed({ outputTokens: 100 }), 'inflated_output'],
    ['inflated in its input', (e) => e.signed({ inputTokens: 100_000 }), 'inflated_input'],
  ])('%s costs nothing, and the client has its answer', async (_name, receipt, dispute) => {
    await using peer = await startFaultyPeer((exchange) => answerWith(exchange, receipt(exchange)));
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    const [stream, whole] = await Promise.all([chat(router.api), chat(router.api, { stream: false })]);
    expect(stream).toMatchObject({ content: 'Hello', done: true });
    expect(whole.status).toBe(200);
    const entry = { kind: 'disputed', dispute, amountMicro: 0, workerPubkey: peer.pubkey };
    expect(router.books.entries({ limit: 9 })).toMatchObject([entry, entry]);
    expect(router.books.totals()).toMatchObject({ spentMicro: 0 });
    expect(router.books.tabMicro(peer.pubkey)).toBe(0);
  });

  it('that was used for the job before counts once, and the second job nothing', async () => {
    let first: SignedReceipt | undefined;
    await using peer = await startFaultyPeer((exchange) => answerWith(exchange, (first ??= exchange.signed())));
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    for (let i = 0; i < 2; i += 1) expect(await chat(router.api)).toMatchObject({ content: 'Hello', done: true });
    expect(router.books.entries({ limit: 9 }).map(({ kind, dispute }) => [kind, dispute])).toEqual([
      ['disputed', 'other_job'],
      ['asked', undefined],
    ]);
    expect(router.books.totals().spentMicro).toBe(9_000_000);
  });

  it('sent twice in one stream counts once; the last one is judged', async () => {
    await using peer = await startFaultyPeer((exchange) => {
      exchange.head();
      exchange.write(say.delta('Hello') + say.finish + say.receipt('junk') + say.receipt(exchange.signed()));
      exchange.write(say.receipt(exchange.signed()) + say.done);
      exchange.end();
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    expect(await chat(router.api)).toMatchObject({ content: 'Hello', done: true });
    expect(router.books.totals()).toMatchObject({ jobs: 1, spentMicro: 9_000_000 });
  });

  it('after [DONE] is not waited for', async () => {
    await using peer = await startFaultyPeer((exchange) => {
      exchange.head();
      exchange.write(say.delta('Hello') + say.finish + say.done + say.receipt(exchange.signed()));
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    expect(await chat(router.api)).toMatchObject({ content: 'Hello', done: true });
    expect(router.books.entries({ limit: 9 })).toMatchObject([{ kind: 'disputed', dispute: 'missing' }]);
  });
});

function forged(exchange: Exchange): SignedReceipt {
  const { receipt } = exchange.signed();
  const { signature, receipt: theirs } = issueReceipt({ ...receipt, workerPubkey: other.pubkey }, other);
  return { receipt: theirs, signature };
}

function aged(exchange: Exchange, byMs: number): SignedReceipt {
  const atMs = exchange.order.issuedAt + byMs;
  return exchange.signed({ startedAt: atMs, completedAt: atMs });
}
