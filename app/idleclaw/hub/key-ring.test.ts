import { describe, expect, it } from 'vitest';
import { parseKeyRing } from './key-ring.ts';

const KEY = '0123456789abcdef';

describe('parseKeyRing', () => {
  const ring = parseKeyRing(`# agents\n\n${KEY}\r\n  another-key-of-somebody  \n`, 'keys');

  it.each<[string, string | undefined, boolean]>([
    ['a bearer key', `Bearer ${KEY}`, true],
    ['whatever case the scheme has', `bearer ${KEY}`, true],
    ['the second key', 'Bearer another-key-of-somebody', true],
    ['what a browser sends', `Basic ${Buffer.from(`anybody:${KEY}`).toString('base64')}`, true],
    ['no header', undefined, false],
    ['no scheme', KEY, false],
    ['a wrong key', `Bearer ${KEY}0`, false],
    ['the start of a key', `Bearer ${KEY.slice(0, 15)}`, false],
    ['a comment', 'Bearer #', false],
    ['Basic without a colon', `Basic ${Buffer.from(KEY).toString('base64')}`, false],
  ])('%s', (_name, header, known) => {
    expect(ring.nameOf(header) !== undefined).toBe(known);
  });

  it('names a key without giving anything of it away', () => {
    expect(KEY).not.toContain(ring.nameOf(`Bearer ${KEY}`));
  });

  it.each([
    ['no key', '# nothing\n'],
    ['a short key', 'short\n'],
    ['a key with a space', 'a key with spaces in it\n'],
  ])('refuses a file with %s', (_name, text) => {
    expect(() => parseKeyRing(text, 'keys')).toThrow(/'keys'/);
  });
});
