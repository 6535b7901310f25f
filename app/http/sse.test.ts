import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { dataOf, isComment, SseSplitter } from './sse.ts';

function split(chunks: readonly Buffer[]): string[] {
  const splitter = new SseSplitter();
  return chunks.flatMap((chunk) => splitter.push(chunk)).map((event) => event.toString('utf8'));
}

/** Cuts at the given places, whatever they hit. */
function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const ends = [...new Set(places.map((place) => place % (bytes.length + 1)))].sort((a, b) => a - b);
  return [0, ...ends].map((start, index) => bytes.subarray(start, ends[index] ?? bytes.length));
}

const EVENTS = ['data: {"a":"ü€😀"}', ': heartbeat', 'event: x\ndata: 1\ndata: 2', 'data: [DONE]'];

describe('SseSplitter', () => {
  for (const [name, end] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const)
    it(`finds the same events wherever the bytes are cut, with ${name} line ends`, () => {
      const bytes = Buffer.from(EVENTS.map((event) => event.replaceAll('\n', end) + end + end).join(''));
      fc.assert(
        fc.property(fc.array(fc.nat(bytes.length)), (places) => {
          expect(split(cut(bytes, places))).toEqual(EVENTS);
        }),
      );
    });

  it('finds them one byte at a time, with blank lines to spare', () => {
    const bytes = Buffer.from('\n\n' + EVENTS.join('\r\n\r\n\r\n\n') + '\n\n');
    expect(split([...bytes].map((byte) => Buffer.from([byte])))).toEqual(EVENTS);
  });

  it('keeps what is not whole yet', () => {
    const splitter = new SseSplitter();
    expect(splitter.push(Buffer.from('data: half'))).toEqual([]);
    expect(splitter.rest().toString()).toBe('data: half');
  });

  it('refuses an event of more than 4 MB instead of keeping it', () => {
    const splitter = new SseSplitter();
    const chunk = Buffer.alloc(1024 * 1024, 'x');
    expect(() => {
      for (let i = 0; i < 256; i += 1) splitter.push(chunk);
    }).toThrow(/more than 4 MB/);
  });
});

describe('dataOf', () => {
  it.each([
    ['data: one', 'one'],
    ['data:one', 'one'],
    ['data: a\ndata: b', 'a\nb'],
    ['event: x\ndata: y', 'y'],
    [': comment', undefined],
    ['id: 7', undefined],
  ])('of %j is %j', (event, data) => {
    expect(dataOf(Buffer.from(event))).toBe(data);
  });

  it('tells comments', () => {
    expect(isComment(Buffer.from(':lobstah-receipt:abc'))).toBe(true);
    expect(isComment(Buffer.from('data: x'))).toBe(false);
  });
});
