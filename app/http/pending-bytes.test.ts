import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PendingBytes } from './pending-bytes.ts';

describe('pending bytes', () => {
  it('come out as they went in, whatever the pieces were', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 9_000 }), { maxLength: 20 }), fc.uint8Array(), (pieces, last) => {
        const pending = new PendingBytes();
        for (const piece of pieces) pending.append(piece);
        const kept = Buffer.concat(pieces);
        expect([pending.length, pending.lastByte]).toEqual([kept.length, kept.at(-1)]);
        expect(pending.take(last).equals(Buffer.concat([kept, last]))).toBe(true);
        expect([pending.length, pending.lastByte]).toEqual([0, undefined]);
      }),
    );
  });

  it('that were taken are not written over by what comes next', () => {
    const pending = new PendingBytes();
    pending.append(Buffer.from('first'));
    const first = pending.take();
    pending.append(Buffer.from('other'));
    expect(first.toString()).toBe('first');
  });

  it('cost little more than themselves, one by one', () => {
    const before = process.memoryUsage().arrayBuffers;
    const pending = new PendingBytes();
    const byte = Buffer.from('a');
    for (let i = 0; i < 4_000_000; i += 1) pending.append(byte);
    expect(pending.length).toBe(4_000_000);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });
});
