import { describe, expect, it } from 'vitest';
import { checkPeerForm, cleanPubkey, isReadableOnTheWay } from './peer-form.ts';

const KEY = `lob1${'a1'.repeat(32)}`;
const OWN = `lob1${'0f'.repeat(32)}`;
const good = { pubkey: KEY, url: 'https://mira.example:17474', label: '' };

describe('checkPeerForm', () => {
  it('finds nothing wrong with a key and an address', () => {
    expect(checkPeerForm(good, OWN, [])).toEqual({});
    expect(checkPeerForm({ ...good, pubkey: ` ${KEY.toUpperCase()}\n` }, OWN, [])).toEqual({});
  });

  it.each([
    ['no key', { ...good, pubkey: '' }, 'pubkey', /^Paste the key/],
    ['a short key', { ...good, pubkey: 'lob1abc' }, 'pubkey', /64 digits/],
    ['the own key', { ...good, pubkey: OWN }, 'pubkey', /this Mac/],
    ['no address', { ...good, url: ' ' }, 'url', /^Where/],
    ['an address without a scheme', { ...good, url: '192.168.1.2:17474' }, 'url', /http:\/\//],
    ['a file', { ...good, url: 'file:///etc/passwd' }, 'url', /http:\/\//],
    ['a password in the address', { ...good, url: 'https://me:secret@mira.example' }, 'url', /password/],
    ['a very long name', { ...good, label: 'x'.repeat(61) }, 'label', /60/],
  ] as const)('complains about %s', (_what, form, field, words) => {
    const errors = checkPeerForm(form, OWN, []);
    expect(Object.keys(errors)).toEqual([field]);
    expect(errors[field]).toMatch(words);
  });

  it('knows who is in the list', () => {
    expect(checkPeerForm(good, OWN, [KEY]).pubkey).toMatch(/already/);
  });
});

describe('cleanPubkey', () => {
  it('takes spaces and capitals out', () => {
    expect(cleanPubkey(' LOB1 AB\ncd ')).toBe('lob1abcd');
  });
});

it('takes the key itself, or an overlay address, for an address', () => {
  const pubkey = `lob1${'a'.repeat(64)}`;
  for (const url of [pubkey, `iroh:${'a'.repeat(64)}?at=127.0.0.1:4433`])
    expect(checkPeerForm({ pubkey, url, label: '' }, 'lob1', [])).toEqual({});
  expect(checkPeerForm({ pubkey, url: 'iroh:abc', label: '' }, 'lob1', [])).toHaveProperty('url');
});

describe('isReadableOnTheWay', () => {
  it.each([
    ['http://192.168.1.20:17474', true],
    ['http://127.0.0.1:17474', false],
    ['http://[::1]:17474', false],
    ['https://mira.example', false],
    ['http:', false],
  ])('%s', (url, readable) => {
    expect(isReadableOnTheWay(url)).toBe(readable);
  });
});
