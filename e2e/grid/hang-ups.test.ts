import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { say, startFaultyPeer, type Answer } from './faulty-peer.ts';
import { rawChat, rawClient, type RawClient } from './raw-client.ts';
import { peerOf, startTestGrid, until } from './test-grid.ts';

/** The limit is 300 ms; the rest is what a busy test machine may take to notice. */
const LIMIT_MS = 300;

async function ask(api: string, stream: boolean): Promise<RawClient> {
  const client = await rawClient(api);
  client.socket.write(rawChat({ stream }));
  return client;
}

/** What the peer has done when the client goes. */
const PHASES: readonly (readonly [string, Answer])[] = [
  ['before the status', () => undefined],
  ['in the middle of the headers', ({ write }) => void write('HTTP/1.1 200 OK\r\ncontent-type: text/ev')],
  [
    'during the prefill',
    (exchange) => {
      exchange.head();
      exchange.write(say.heartbeat + say.role + say.heartbeat);
    },
  ],
  [
    'in mid-stream',
    (exchange) => {
      exchange.head();
      exchange.write(say.role + say.delta('Hel'));
    },
  ],
  [
    'between the last word and the receipt',
    (exchange) => {
      exchange.head();
      exchange.write(say.role + say.delta('Hel') + say.finish);
    },
  ],
];

describe.each([true, false])('a client (stream: %s) that is gone', (stream) => {
  it.each(PHASES)('%s is gone for the peer too', async (_name, answer) => {
    await using peer = await startFaultyPeer(answer);
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    for (const leave of ['destroy', 'resetAndDestroy'] as const) {
      const before = peer.asked.length;
      const client = await ask(router.api, stream);
      await until(() => peer.asked.length > before, 'the peer was asked');
      await new Promise((resolve) => setTimeout(resolve, 100)); // what the peer wrote is read by now
      const leftAtMs = performance.now();
      client.socket[leave]();
      expect(((await peer.asked.at(-1)?.goneAtMs) ?? Infinity) - leftAtMs).toBeLessThan(LIMIT_MS);
    }
    await until(() => router.grid.snapshot().jobs.length === 0, 'nothing runs any more');
    expect(router.books.entries({ limit: 9 })).toEqual([]);
    expect(router.grid.snapshot().peers[0]?.state).toBe('reachable'); // it was not the peer's fault
  });

  it('while it is still asked who could serve never reaches a peer as an order', async () => {
    let answerCapacity = () => undefined as void;
    await using peer = await startFaultyPeer(() => undefined, {
      capacity: (socket, body) => {
        answerCapacity = () =>
          void socket.write(
            `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n${body}`,
          );
      },
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    const client = await ask(router.api, stream);
    await until(() => router.grid.snapshot().jobs.length === 1, 'the request is there');
    client.socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 100));
    answerCapacity();
    await until(() => router.grid.snapshot().jobs.length === 0, 'nothing runs any more');
    await router.grid.stop(); // what was still to be written is written
    expect(peer.asked).toHaveLength(0);
    expect(router.books.openOrders()).toEqual([]);
  });

  it('while it waits in the queue of a worker gives its place in it away', async () => {
    const busy = { tokens: Array<string>(300).fill('x'), tokenDelayMs: 20 };
    await using worker = await startTestGrid({ roles: 'worker', script: busy });
    await using router = await startTestGrid({ roles: 'router', peers: [peerOf(worker)] });
    const first = await ask(router.api, true);
    await until(() => first.received().includes('"x"'), 'the place is taken');
    const waiting = await ask(router.api, stream);
    const queued = () => worker.grid.snapshot().jobs.filter(({ phase }) => phase === 'queued').length;
    await until(() => queued() === 1, 'it waits');
    const leftAtMs = performance.now();
    waiting.socket.destroy();
    await until(() => queued() === 0, 'the worker knows');
    expect(performance.now() - leftAtMs).toBeLessThan(LIMIT_MS);
    first.socket.destroy();
    await until(() => worker.engine.aborted === 1, 'the engine was stopped');
    expect(worker.engine.asked).toHaveLength(1);
  });
});

describe('a client that is gone while its receipt is entered', () => {
  it('changes nothing: the entry is written, and a peer that holds the exchange open is left', async () => {
    let finish = () => undefined as void;
    await using peer = await startFaultyPeer((exchange) => {
      exchange.chunkedHead();
      exchange.chunk(say.role + say.delta('Hel') + say.delta('lo'));
      // Behind [DONE] nothing ends the response: a peer cannot keep an exchange open so.
      finish = () => exchange.chunk(say.finish + say.usage + say.receipt(exchange.signed()) + say.done);
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    const client = await ask(router.api, true);
    await until(() => client.received().includes('"lo"'), 'the text is there');
    await until(() => router.books.openOrders().length === 1, 'the order is kept');
    const lock = new Database(join(router.home, 'ledger.sqlite'));
    lock.exec('BEGIN IMMEDIATE'); // nobody can write now
    finish();
    await until(() => client.received().includes('"finish_reason":"stop"'), 'the answer is whole');
    client.socket.destroy();
    await until(() => router.grid.snapshot().jobs.length === 0, 'nobody waits for the ledger');
    expect(router.books.entries({ limit: 9 })).toEqual([]);
    lock.exec('ROLLBACK');
    lock.close();
    await until(() => router.books.entries({ limit: 9 }).length === 1, 'it was entered');
    expect(router.books.entries({ limit: 9 })).toMatchObject([{ kind: 'asked', amountMicro: 9_000_000 }]);
    expect(await peer.asked[0]?.goneAtMs).toBeGreaterThan(0);
  });
});
