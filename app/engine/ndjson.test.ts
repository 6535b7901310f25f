import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readNdjson } from './ndjson.ts';

async function read(...chunks: Uint8Array[]): Promise<unknown[]> {
  async function* bytes() {
    yield* chunks;
  }
  const values: unknown[] = [];
  for await (const value of readNdjson(bytes())) values.push(value);
  return values;
}

describe('readNdjson', () => {
  const values = [{ text: 'plain' }, { text: 'grün 海老 🦞 \n "quoted"' }, { done: true }];
  const whole = Buffer.from(`${values.map((value) => JSON.stringify(value)).join('\n')}\n`);

  it('does not care where the bytes were cut, also inside a character', async () => {
    for (let cut = 0; cut <= whole.length; cut += 1)
      expect(await read(whole.subarray(0, cut), whole.subarray(cut))).toEqual(values);
    expect(await read(...Array.from(whole, (_, index) => whole.subarray(index, index + 1)))).toEqual(values);
  });

  it('finds whatever was written, with whatever line ends, wherever the bytes were cut', async () => {
    const lines = fc.array(fc.tuple(fc.jsonValue(), fc.constantFrom('\n', '\r\n', '\n\n')));
    await fc.assert(
      fc.asyncProperty(lines, fc.array(fc.nat(4_000)), async (written, places) => {
        const bytes = Buffer.from(written.map(([value, end]) => JSON.stringify(value) + end).join(''));
        const cuts = places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b);
        const chunks = [0, ...cuts].map((start, index) => bytes.subarray(start, cuts[index] ?? bytes.length));
        expect(await read(...chunks)).toEqual(written.map(([value]) => JSON.parse(JSON.stringify(value)) as unknown));
      }),
    );
  });

  it('takes a last line without a line break, empty lines and CRLF', async () => {
    expect(await read(Buffer.from('\n{"a":1}\r\n\r\n{"b":2}'))).toEqual([{ a: 1 }, { b: 2 }]);
  });

  it('names a line that is not JSON', async () => {
    await expect(read(Buffer.from('{"a":1}\n<html>\n'))).rejects.toMatchObject({ code: 'engine_error' });
  });
});
