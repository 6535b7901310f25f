import { describe, expect, it } from 'vitest';
import type { Ledger } from '../../app/ledger/ledger.ts';
import { say, startFaultyPeer, wholeAnswer, type Answer, type Exchange } from './faulty-peer.ts';
import { chat, peerOf, startTestGrid, type StreamAnswer } from './test-grid.ts';

/** Whatever a peer does, its client is told within this: the longest phase is that of the headers, ten seconds. */
const BOUND_MS = 20_000;

interface Fault {
  readonly name: string;
  readonly answer: Answer;
  /** in the sentence for the client */
  readonly says?: RegExp;
  /** takes so long that a streaming client has its 200 and signs of life by then: the error comes as an event */
  readonly late?: true | 'on a busy machine';
  /** it sends a claim that does not hold */
  readonly disputed?: true;
}

const started = (exchange: Exchange): void => {
  exchange.head();
  exchange.write(say.heartbeat + say.role);
};

/** One byte after the other until the other side is gone. */
async function drip(exchange: Exchange, text: string, everyMs: number): Promise<void> {
  let gone = false;
  void exchange.goneAtMs.then(() => (gone = true));
  for (let index = 0; !gone; index += 1) {
    exchange.write(text[index % text.length] ?? '');
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

const respond = (status: string, type: string, body: string) => (exchange: Exchange) =>
  void exchange.write(
    `HTTP/1.1 ${status}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );

/** Nobody has seen anything yet: another peer takes over in silence. */
const BEFORE_FIRST_CONTENT: readonly Fault[] = [
  { name: 'reset before the status', answer: (exchange) => exchange.reset() },
  { name: 'closed before the status', answer: (exchange) => exchange.end() },
  { name: 'silence instead of a status', answer: () => undefined, late: true, says: /not answered for 10 s/ },
  {
    name: 'headers that never end',
    late: true,
    answer: (exchange) => {
      exchange.write('HTTP/1.1 200 OK\r\nx-drip: ');
      return drip(exchange, 'a', 50);
    },
    says: /not answered for 10 s/,
  },
  {
    name: 'more headers than anybody needs',
    answer: async (exchange) => {
      exchange.write('HTTP/1.1 200 OK\r\n');
      while (!exchange.socket.destroyed) {
        if (!exchange.write(`x-more: ${'a'.repeat(4096)}\r\n`.repeat(16))) await exchange.drained();
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  { name: 'something that is not HTTP', answer: ({ write }) => void write('SSH-2.0-OpenSSH_9.9\r\n\r\n') },
  {
    name: 'a 500 in the shape of Lobstah',
    answer: respond('500 Oh', 'application/json', '{"error":{"type":"internal_error","message":"oh no"}}'),
    says: /oh no/,
  },
  {
    name: 'a 500 in HTML',
    answer: respond('500 Oh', 'text/html', '<html><h1>Bad Gateway</h1></html>'),
    says: /no reason/,
  },
  { name: 'an empty 500', answer: respond('500 Oh', 'text/plain', ''), says: /no reason/ },
  {
    name: 'a 500 whose body never ends',
    late: true,
    answer: (exchange) => {
      exchange.write('HTTP/1.1 500 Oh\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n{"error":"');
      return drip(exchange, 'a', 50);
    },
  },
  {
    name: 'a page instead of a stream',
    answer: respond('200 OK', 'text/html', '<html></html>'),
    says: /without a stream/,
  },
  { name: 'a way to somewhere else', answer: respond('302 Found\r\nlocation: http://127.0.0.1:9/', 'text/plain', '') },
  {
    name: 'a reset after the status',
    answer: (exchange) => {
      exchange.head();
      setTimeout(() => exchange.reset(), 50);
    },
  },
  {
    name: 'an end after the status',
    answer: (exchange) => {
      exchange.head();
      exchange.end();
    },
  },
  {
    name: 'an end after the role',
    answer: (exchange) => {
      started(exchange);
      exchange.end();
    },
  },
  {
    name: 'nothing but [DONE]',
    answer: (exchange) => {
      exchange.head();
      exchange.write(say.done);
      exchange.end();
    },
    says: /without giving one/,
  },
  { name: 'silence after the role', late: 'on a busy machine', answer: started, says: /silent for 3 s/ },
  {
    name: 'broken JSON at once',
    answer: (exchange) => {
      started(exchange);
      exchange.write('data: {"choices":[{"delta":{"content":"Hel\n\n');
    },
    says: /cannot be read/,
  },
];

/** The client has 'Hel': it must learn that this is not all. */
const IN_MID_STREAM: readonly Fault[] = [
  { name: 'a reset', answer: (exchange) => void setTimeout(() => exchange.reset(), 50) },
  { name: 'a clean end without [DONE]', answer: (exchange) => exchange.end() },
  {
    name: 'a clean end inside an event',
    answer: (exchange) => {
      exchange.write(say.delta('lo').slice(0, 30));
      exchange.end();
    },
  },
  {
    name: 'a clean end inside a character',
    answer: (exchange) => {
      exchange.write(Buffer.from(say.delta('🦞')).subarray(0, Buffer.from(say.delta('🦞')).indexOf(0xf0) + 2));
      exchange.end();
    },
  },
  { name: 'silence', answer: () => undefined },
  { name: 'bytes that never become an event', answer: (exchange) => drip(exchange, ': not yet ', 200) },
  { name: 'broken JSON', answer: ({ write }) => void write('data: {"choices":[{"delta":{"content":"lo\n\n') },
  { name: 'JSON that is no chunk', answer: ({ write }) => void write('data: {"choices":"lo"}\n\n') },
  {
    name: 'bytes that are no UTF-8 in JSON',
    answer: ({ write }) => void write(Buffer.from('data: {"\xff\xfe\n\n', 'latin1')),
  },
  {
    name: 'an error of the engine',
    answer: ({ write }) => void write('data: {"error":{"type":"engine_error","message":"boom"}}\n\n'),
  },
  {
    name: 'a receipt for more than arrived and then an end, without a finish',
    answer: (exchange) => {
      exchange.write(say.receipt(exchange.signed({ outputTokens: 4_000 })));
      exchange.end();
    },
    disputed: true,
  },
];

interface Ends {
  readonly stream: StreamAnswer;
  readonly whole: StreamAnswer;
}

async function askBoth(api: string): Promise<Ends> {
  const startedMs = performance.now();
  const [stream, whole] = await Promise.all([chat(api), chat(api, { stream: false })]);
  expect(performance.now() - startedMs).toBeLessThan(BOUND_MS);
  return { stream, whole };
}

const contentOf = ({ text }: StreamAnswer) =>
  (JSON.parse(text) as { choices: [{ message: { content: string } }] }).choices[0].message.content;

/** The faulty peer, a router that knows only that one, and a router that has a second choice. */
async function grids(answer: Answer) {
  const stack = new AsyncDisposableStack();
  const peer = stack.use(await startFaultyPeer(answer));
  const healthy = stack.use(
    await startTestGrid({
      roles: 'worker',
      script: { tokens: ['ok'] },
      settings: { worker: { tier: 'batch', concurrency: 4 } },
    }),
  );
  const alone = stack.use(await startTestGrid({ roles: 'router', peers: [peer] }));
  const lucky = stack.use(await startTestGrid({ roles: 'router', peers: [peer, peerOf(healthy)] }));
  return { peer, healthy, alone, lucky, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

describe('before the first content', () => {
  it.each(BEFORE_FIRST_CONTENT)('$name', async ({ answer, says, late }) => {
    await using grid = await grids(answer);
    const [only, second] = await Promise.all([askBoth(grid.alone.api), askBoth(grid.lucky.api)]);
    if (late !== 'on a busy machine') expect(only.stream.status).toBe(late ? 200 : 502);
    expect(only.whole.status).toBe(502);
    for (const end of [only.stream, only.whole]) {
      expect(end).toMatchObject({ content: '', done: false, error: { code: 'all_peers_failed' } });
      if (says) expect(end.error?.message).toMatch(says);
    }
    expect(second.stream).toMatchObject({ status: 200, content: 'ok', done: true });
    expect(contentOf(second.whole)).toBe('ok');
    expect(grid.peer.asked).toHaveLength(4);
    expect(grid.alone.books.entries({ limit: 9 })).toEqual([]);
    const paid = grid.lucky.books.entries({ limit: 9 }).map(({ kind, workerPubkey }) => [kind, workerPubkey]);
    const asked = ['asked', grid.healthy.grid.pubkey];
    expect(paid).toEqual([asked, asked]);
  });
});

describe('in mid-stream', () => {
  it.each(IN_MID_STREAM)('$name', async ({ answer, disputed }) => {
    await using grid = await grids(async (exchange) => {
      started(exchange);
      exchange.write(say.delta('Hel'));
      // On its own: what comes in one piece with a fault need not reach anybody.
      await new Promise((resolve) => setTimeout(resolve, 300));
      await answer(exchange);
    });
    const [only, second] = await Promise.all([askBoth(grid.alone.api), askBoth(grid.lucky.api)]);
    for (const { stream } of [only, second])
      expect(stream).toMatchObject({ status: 200, content: 'Hel', done: false, error: { code: 'peer_lost' } });
    // Who wanted no stream has seen nothing: there the second peer still helps, and the first one's words are not mixed in.
    expect(only.whole).toMatchObject({ status: 502, error: { code: 'all_peers_failed' } });
    expect(contentOf(second.whole)).toBe('ok');
    // A claim that does not hold is kept as evidence, and costs nothing.
    const paid = (books: Ledger) => books.entries({ limit: 9 }).filter(({ kind }) => kind !== 'disputed');
    const claims = grid.alone.books.entries({ limit: 9 }).map(({ kind, amountMicro }) => `${kind} ${amountMicro}`);
    expect(claims).toEqual(disputed ? ['disputed 0', 'disputed 0'] : []);
    expect(paid(grid.lucky.books)).toMatchObject([{ kind: 'asked', workerPubkey: grid.healthy.grid.pubkey }]);
  });

  it('no [DONE] after a finish and a good receipt is a whole answer all the same', async () => {
    await using grid = await grids((exchange) => {
      exchange.head();
      exchange.write(wholeAnswer(exchange).replace(say.done, ''));
      exchange.end();
    });
    const { stream, whole } = await askBoth(grid.alone.api);
    expect(stream).toMatchObject({ content: 'Hello', done: true, error: undefined });
    expect(contentOf(whole)).toBe('Hello');
    expect(grid.alone.books.totals()).toMatchObject({ jobs: 2, spentMicro: 18_000_000 });
  });
});
