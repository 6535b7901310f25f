import { describe, expect, it } from 'vitest';
import { say, startFaultyPeer, wholeAnswer, type Exchange } from './faulty-peer.ts';
import { createHome, startLobstah } from './lobstah-process.ts';
import { peakMemory } from './peak-memory.ts';
import { chat, startTestGrid } from './test-grid.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Two, three and four bytes a character, so that cuts fall inside them. */
const PARTS = ['grü', '€', '🦞'];
const TEXT = PARTS.join('');

/** The cap of the order tells the peer where to cut, so that many can run at once. */
const FIRST_CAP = 100;
const AT_ONCE = 8;

const MB = 1024 * 1024;

/** Sends pieces as chunks of chunked encoding in one write: the router sees exactly these cuts, whatever TCP does. */
function sendPieces(exchange: Exchange, pieces: readonly Buffer[]): void {
  exchange.chunkedHead();
  for (const piece of pieces) if (piece.length > 0) exchange.chunk(piece);
  exchange.chunk('');
}

const cutAt = (bytes: Buffer, at: number) => [bytes.subarray(0, at), bytes.subarray(at)];

describe('a stream cut anywhere', () => {
  it.each([
    ['LF', (text: string) => text],
    ['CRLF', (text: string) => text.replaceAll('\n', '\r\n')],
    ['CR', (text: string) => text.replaceAll('\n', '\r')],
  ])(
    'into two, with %s line ends, at each byte',
    async (_name, lines) => {
      let length = Infinity;
      await using peer = await startFaultyPeer((exchange) => {
        const bytes = Buffer.from(lines(wholeAnswer(exchange, PARTS)));
        length = bytes.length;
        sendPieces(exchange, cutAt(bytes, exchange.order.maxOutputTokens - FIRST_CAP));
      });
      await using router = await startTestGrid({ roles: 'router', peers: [peer] });
      const wrong: number[] = [];
      let next = 0;
      const askOn = async () => {
        for (let at = next++; at < length; at = next++) {
          const answer = await chat(router.api, { max_tokens: FIRST_CAP + at });
          if (answer.content !== TEXT || !answer.done) wrong.push(at);
        }
      };
      await Promise.all(Array.from({ length: AT_ONCE }, askOn));
      expect(length).toBeGreaterThan(1_000);
      expect(wrong).toEqual([]);
      // Each answer came with its receipt, also where the cut went through that.
      const { jobs, spentMicro } = router.books.totals();
      expect(jobs).toBeGreaterThanOrEqual(length);
      expect(spentMicro).toBe(jobs * 10_000_000);
    },
    240_000,
  );

  it('into single bytes, one write each', async () => {
    await using peer = await startFaultyPeer(async (exchange) => {
      exchange.head();
      for (const byte of Buffer.from(wholeAnswer(exchange, PARTS).replaceAll('\n', '\r\n'))) {
        exchange.write(Buffer.from([byte]));
        await new Promise((resolve) => setImmediate(resolve));
      }
      exchange.end();
    });
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    const [stream, whole] = await Promise.all([chat(router.api), chat(router.api, { stream: false })]);
    expect(stream).toMatchObject({ content: TEXT, done: true });
    expect(whole.text).toContain(TEXT);
    expect(router.books.totals()).toMatchObject({ jobs: 2 });
  });

  it('what reaches the client is the same, however it was cut', async () => {
    const texts = new Set<string>();
    let cut: (bytes: Buffer) => Buffer[] = (bytes) => [bytes];
    await using peer = await startFaultyPeer((exchange) =>
      sendPieces(exchange, cut(Buffer.from(wholeAnswer(exchange, PARTS)))),
    );
    await using router = await startTestGrid({ roles: 'router', peers: [peer] });
    for (const size of [1, 2, 3, 7, 100, 10_000]) {
      cut = (bytes) =>
        Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
      texts.add((await chat(router.api)).text);
    }
    expect([...texts]).toHaveLength(1);
  });
});

describe('a line of 256 MB', () => {
  const block = Buffer.alloc(MB, 'a');

  /** The same, one byte a chunk of chunked encoding: what is kept of each must not cost more than the byte. */
  const dust = Buffer.from('1\r\na\r\n'.repeat(MB / 6));

  async function sendLine(exchange: Exchange, start: string, filling: Buffer): Promise<void> {
    if (filling === dust) {
      exchange.chunkedHead();
      exchange.chunk(start);
    } else {
      exchange.head();
      exchange.write(start);
    }
    for (let sent = 0; sent < 256 && !exchange.socket.destroyed; sent += 1)
      if (!exchange.write(filling)) await exchange.drained();
    exchange.write(`\n\n${say.done}`);
    exchange.end();
  }

  it.each([
    ['at once', '', block],
    ['in mid-stream', say.delta('Hel'), block],
    ['as a comment', `${say.delta('Hel')}:`, block],
    ['as a receipt', `${say.delta('Hel')}${say.finish}:lobstah-receipt:`, block],
    ['in single bytes', say.delta('Hel'), dust],
  ])('%s is refused, and never in memory', async (_name, start, filling) => {
    await using peer = await startFaultyPeer((exchange) =>
      sendLine(exchange, start.endsWith(':') ? start : `${start}data: {"choices":[{"x":"`, filling),
    );
    const home = createHome();
    writeFileSync(join(home, 'peers.json'), JSON.stringify([{ pubkey: peer.pubkey, url: peer.url }]));
    const router = await startLobstah(['router', 'start'], { home });
    try {
      const api = `${router.routerUrl}/v1`;
      await chat(api, { model: 'nope' }); // what is loaded at the first request is not the line's
      const memory = peakMemory(router.child.pid ?? 0);
      const [stream, whole] = await Promise.all([chat(api), chat(api, { stream: false })]);
      expect(memory.grownBytes()).toBeLessThan(64 * MB);
      if (start === '') expect(stream).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
      else expect(stream).toMatchObject({ content: 'Hel', done: false, error: { code: 'peer_lost' } });
      expect(whole).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
    } finally {
      await router.stop();
    }
  });
});
