import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cutTo, Sanitiser } from './sanitise.ts';

function through(pieces: readonly string[]): string {
  const sanitiser = new Sanitiser();
  return pieces.map((piece) => sanitiser.push(piece)).join('') + sanitiser.end();
}

const TAG = /<[a-z/!?]/i;

describe('Sanitiser', () => {
  it.each([
    [['<scr', 'ipt>alert(1)</scr', 'ipt>'], 'alert(1)'],
    [['<', 'script>x'], 'x'],
    [['<scr<script>ipt>alert(1)'], 'ipt>alert(1)'],
    [['<<b>script>x'], '< script>x'],
    [['if a < b and c > d'], 'if a < b and c > d'],
    [['a <', '= b'], 'a <= b'],
    [['x <y and nothing closes'], 'x < y and nothing closes'],
    [['<!-- c --><?php ?>t'], 't'],
    [['<img src=x onerror="', 'alert(1)">after'], 'after'],
    [[`<a ${'x'.repeat(600)}>t`], `< a ${'x'.repeat(600)}>t`],
    [['ends with <'], 'ends with <'],
    [['plain ', 'text'], 'plain text'],
    [['I <3 you'], 'I <3 you'],
  ])('%j → %j', (pieces, expected) => {
    expect(through(pieces)).toBe(expected);
  });

  const letters = fc.array(fc.constantFrom('<', '>', '/', '!', '?', 'a', 'B', ' ', '"', '1'), { maxLength: 60 });

  it('never lets a tag through, however the text is cut', () => {
    fc.assert(
      fc.property(fc.array(letters, { maxLength: 8 }), (pieces) => {
        expect(through(pieces.map((piece) => piece.join('')))).not.toMatch(TAG);
      }),
      { numRuns: 2_000 },
    );
  });

  it('does the same with a text wherever it is cut', () => {
    fc.assert(
      fc.property(letters, fc.array(fc.nat(60), { maxLength: 5 }), (text, cuts) => {
        const whole = text.join('');
        const at = [0, ...cuts.map((cut) => Math.min(cut, whole.length)), whole.length].sort((a, b) => a - b);
        const pieces = at.slice(1).map((end, index) => whole.slice(at[index], end));
        expect(through(pieces)).toBe(through([whole]));
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('a hostile text', () => {
  it('of a million openings costs time in proportion to its length', () => {
    const startedMs = performance.now();
    expect(through(['<a'.repeat(500_000)])).not.toMatch(TAG);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('cutTo', () => {
  it.each([
    ['abc', 5, 'abc'],
    ['abc', 2, 'ab'],
    ['a😀', 2, 'a'],
    ['a😀', 3, 'a😀'],
  ])('%j to %i is %j', (text, characters, expected) => {
    expect(cutTo(text, characters)).toBe(expected);
  });
});
