import { describe, expect, it } from 'vitest';
import { keepEqualParts } from './keep-equal-parts.ts';

describe('keepEqualParts', () => {
  it('gives back the old value when nothing changed', () => {
    const before = { peers: [{ label: 'mira', models: ['a'] }], today: { earned: 1 } };
    expect(keepEqualParts(before, structuredClone(before))).toBe(before);
  });

  it('keeps what did not change and takes what did', () => {
    const before = { peers: [{ label: 'mira' }, { label: 'anna' }], today: { earned: 1 } };
    const kept = keepEqualParts(before, { peers: [{ label: 'mira' }, { label: 'anne' }], today: { earned: 1 } });
    expect(kept).toEqual({ peers: [{ label: 'mira' }, { label: 'anne' }], today: { earned: 1 } });
    expect(kept.today).toBe(before.today);
    expect(kept.peers[0]).toBe(before.peers[0]);
    expect(kept.peers).not.toBe(before.peers);
  });

  it.each([
    { why: 'a list got shorter', before: [1, 2], after: [1] },
    { why: 'a key went away', before: { a: 1, b: 2 }, after: { a: 1 } },
    { why: 'a key came with nothing in it', before: {}, after: { a: undefined } },
    { why: 'a list became an object', before: [], after: {} },
    { why: 'something became nothing', before: { a: 1 }, after: null },
  ])('sees that $why', ({ before, after }) => {
    expect(keepEqualParts(before, after)).toStrictEqual(after);
  });
});
