import { describe, expect, it } from 'vitest';
import { createSealer } from './sealer.ts';

const secret = Buffer.alloc(32, 7);
const text = Buffer.from('what nobody else may read');

describe('a sealer', () => {
  const sealer = createSealer(secret, 'tests');
  const sealed = sealer.seal(text, 'row 1');

  it('opens what it sealed, also after a restart, and shows nothing of it', () => {
    expect(createSealer(secret, 'tests').open(sealed, 'row 1')).toEqual(text);
    expect(sealed.includes('nobody')).toBe(false);
    expect(sealer.open(sealer.seal(Buffer.alloc(0), 'row 1'), 'row 1')).toEqual(Buffer.alloc(0));
  });

  it('never makes the same bytes twice', () => {
    expect(sealer.seal(text, 'row 1').equals(sealed)).toBe(false);
  });

  const attempts: [string, () => Buffer | undefined][] = [
    ['another row', () => sealer.open(sealed, 'row 2')],
    ['another key', () => createSealer(Buffer.alloc(32, 8), 'tests').open(sealed, 'row 1')],
    ['another purpose', () => createSealer(secret, 'others').open(sealed, 'row 1')],
    ['a piece of it', () => sealer.open(sealed.subarray(0, 20), 'row 1')],
    ...Array.from({ length: sealed.length }, (_, index) => {
      const changed = Buffer.from(sealed);
      changed[index]! ^= 1;
      return [`byte ${index} changed`, () => sealer.open(changed, 'row 1')] as [string, () => Buffer | undefined];
    }),
  ];
  it.each(attempts)('does not open: %s', (_name, open) => {
    expect(open()).toBeUndefined();
  });
});
