import type { BiStream } from '@number0/iroh';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { StreamDuplex } from './stream-duplex.ts';

/** A QUIC stream that does as it is told. */
function fakeStream() {
  const calls: string[] = [];
  const written: number[][] = [];
  const arriving: (number[] | Error)[] = [];
  let wake: (() => void) | undefined;
  const stream = {
    send: {
      writeAll: (bytes: number[]) => (written.push(bytes), Promise.resolve()),
      finish: () => (calls.push('finish'), Promise.resolve()),
      reset: () => (calls.push('reset'), Promise.resolve()),
    },
    recv: {
      async read() {
        while (arriving.length === 0) await new Promise<void>((resolve) => (wake = resolve));
        const next = arriving.shift()!;
        if (next instanceof Error) throw next;
        return next;
      },
      stop: () => (calls.push('stop'), Promise.resolve()),
    },
  };
  const arrive = (next: number[] | Error): void => {
    arriving.push(next);
    wake?.();
  };
  return { stream: stream as unknown as BiStream, calls, written, arrive };
}

const closedAs: boolean[] = [];
const watch = { onHeard: () => undefined, onClosed: (isBroken: boolean) => void closedAs.push(isBroken) };

describe('a stream as a socket', () => {
  it('puts small writes together: each crossing of the binding costs', async () => {
    const { stream, written } = fakeStream();
    const duplex = new StreamDuplex(stream, watch);
    duplex.cork();
    for (const part of ['a', 'b', 'c']) duplex.write(part);
    await new Promise<void>((resolve) => {
      duplex.write('d', () => resolve());
      duplex.uncork();
    });
    expect(written.map((bytes) => Buffer.from(bytes).toString())).toEqual(['abcd']);
  });

  it('ends in order when both sides said so', async () => {
    const { stream, calls, arrive } = fakeStream();
    const duplex = new StreamDuplex(stream, watch);
    arrive([104, 105]);
    arrive([]);
    duplex.end('bye');
    const text = (await duplex.setEncoding('utf8').toArray()).join('');
    if (!duplex.closed) await once(duplex, 'close');
    expect(text).toBe('hi');
    expect(calls).toEqual(['finish']);
    expect(closedAs.pop()).toBe(false);
  });

  it('resets both directions when it is thrown away', async () => {
    const { stream, calls } = fakeStream();
    const duplex = new StreamDuplex(stream, watch);
    duplex.destroy();
    await once(duplex, 'close');
    expect(calls).toEqual(['reset', 'stop']);
    expect(closedAs.pop()).toBe(true);
  });

  it('a lost connection is an error with the code of one, without a backtrace in it', async () => {
    const { stream, arrive } = fakeStream();
    const duplex = new StreamDuplex(stream, watch);
    duplex.resume();
    arrive(new Error('timed out\n\nStack backtrace:\n 0: secret'));
    const [error] = (await once(duplex, 'error')) as [NodeJS.ErrnoException];
    expect(error).toMatchObject({ code: 'ECONNRESET', message: 'the connection to the peer was lost' });
  });

  it('says when it was idle, as a socket does', async () => {
    const duplex = new StreamDuplex(fakeStream().stream, watch);
    duplex.setTimeout(5);
    const keepAlive = setTimeout(() => undefined, 2_000); // the timer itself keeps no process alive
    await once(duplex, 'timeout');
    clearTimeout(keepAlive);
    duplex.destroy();
  });
});
