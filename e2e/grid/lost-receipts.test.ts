import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { createServer as createHttpServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { decodeHeaderJson, encodeHeaderJson, ORDER_HEADER } from '../../app/protocol/headers.ts';
import { verifyOrder } from '../../app/protocol/order.ts';
import { issueReceipt, verifyReceipt } from '../../app/protocol/receipt.ts';
import { chat, newSigner, peerOf, startTestGrid, until, type TestGrid } from './test-grid.ts';

const tokens = Array.from({ length: 500 }, (_, index) => `token${index} `);

/** A line to a worker that can be cut, and works again for the next connection. */
async function startLine(target: string) {
  const sockets = new Set<Socket>();
  const server = createServer((near) => {
    const far = connect(Number(new URL(target).port), '127.0.0.1');
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      from.on('error', () => undefined);
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    cut() {
      for (const socket of sockets) socket.destroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Resolves at the first bytes of the answer, with a way to read the rest. */
async function startReading(router: TestGrid, stop = new AbortController()): Promise<() => Promise<string>> {
  const response = await fetch(`${router.api}/chat/completions`, {
    method: 'POST',
    signal: stop.signal,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }),
  });
  const reader = response.body!.getReader();
  await reader.read();
  return async () => {
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read())
      text += Buffer.from(part.value).toString();
    return text;
  };
}

const only = (grid: TestGrid) => grid.books.entries({ limit: 9 });

describe('the receipt of an answer that was cut', () => {
  it('after a hang-up is fetched and paid: both books say the same', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokens, tokenDelayMs: 5 } });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const stop = new AbortController();
    await startReading(router, stop);
    stop.abort();
    await until(() => only(router).length === 1, 'the router has entered it');
    const [[served], [asked]] = [only(worker), only(router)];
    expect(asked).toMatchObject({ kind: 'asked', jobId: served?.jobId, amountMicro: served?.amountMicro });
    expect(asked?.receiptJson).toBe(served?.receiptJson);
    expect(asked?.outputTokens).toBeLessThan(200);
    expect(worker.books.tabMicro(router.signer.pubkey)).toBe(-router.books.tabMicro(worker.signer.pubkey));
    expect(router.books.openOrders()).toEqual([]);
  });

  it('after a lost line too, and the client was not kept waiting', async () => {
    await using worker = await startTestGrid({ roles: 'worker', script: { tokens, tokenDelayMs: 5 } });
    await using line = await startLine(worker.grid.workerUrl ?? '');
    const peers = [{ pubkey: worker.grid.pubkey, url: line.url }];
    await using router = await startTestGrid({ roles: 'router', peers });
    const rest = await startReading(router);
    line.cut();
    const text = await rest();
    expect([text.includes('"peer_lost"'), text.includes('[DONE]')]).toEqual([true, false]);
    expect(only(router)).toEqual([]);
    await until(() => only(router).length === 1, 'the router has entered it');
    expect(only(router)).toMatchObject([{ kind: 'asked', receiptJson: only(worker)[0]?.receiptJson }]);
  });

  it('is handed out to whoever shows the order, and to nobody else', async () => {
    await using worker = await startTestGrid({ roles: 'worker' });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    await chat(router.api);
    const [entry] = only(worker);
    const signed = JSON.parse(entry?.orderJson ?? '') as { order: object };
    const fetchWith = (headers: Record<string, string>, jobId = entry?.jobId) =>
      fetch(`${worker.grid.workerUrl}/v1/receipts/${jobId}`, { headers });
    const response = await fetchWith({ [ORDER_HEADER]: encodeHeaderJson(signed) });
    expect(verifyReceipt(await response.json())?.receipt).toMatchObject({ jobId: entry?.jobId });
    const forged = { ...signed, order: { ...signed.order, deadline: Date.now() } };
    for (const headers of [{}, { [ORDER_HEADER]: encodeHeaderJson(forged) }, { [ORDER_HEADER]: 'junk' }])
      expect((await fetchWith(headers)).status).toBe(404);
    expect((await fetchWith({ [ORDER_HEADER]: encodeHeaderJson(signed) }, 'f'.repeat(64))).status).toBe(404);
  });

  it('that is for more than can have been on its way is disputed and costs nothing', async () => {
    const signer = newSigner();
    const server = createHttpServer((request, response) => {
      if (request.url === '/capacity') {
        const facts = { tier: 'interactive', concurrency: 9, queueDepth: 0, order: 1 };
        response.setHeader('content-type', 'application/json');
        response.end(JSON.stringify({ pubkey: signer.pubkey, models: ['m'], ...facts }));
        return;
      }
      if (request.url?.startsWith('/v1/receipts/')) {
        const order = verifyOrder(decodeHeaderJson(request.headers[ORDER_HEADER]));
        if (!order) return void response.writeHead(404).end();
        const { nonce, requesterPubkey, issuedAt } = order.order;
        const claim = {
          version: 1 as const,
          jobId: order.jobId,
          nonce,
          requesterPubkey,
          workerPubkey: signer.pubkey,
          model: 'm',
          inputTokens: 5,
          outputTokens: 2_000,
          startedAt: issuedAt,
          completedAt: issuedAt + 1,
        };
        response.setHeader('content-type', 'application/json').end(JSON.stringify(issueReceipt(claim, signer)));
        return;
      }
      request.resume();
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write('data: {"choices":[{"index":0,"delta":{"content":"half"},"finish_reason":null}]}\n\n');
      setTimeout(() => response.destroy(), 20);
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    try {
      await using router = await startTestGrid({ roles: 'router', peers: [{ pubkey: signer.pubkey, url }] });
      expect(await chat(router.api)).toMatchObject({ content: 'half', done: false });
      await until(() => only(router).length === 1, 'it was judged');
      expect(only(router)).toMatchObject([{ kind: 'disputed', dispute: 'inflated_output', amountMicro: 0 }]);
      expect(router.books.tabMicro(signer.pubkey)).toBe(0);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
});
