import { describe, expect, it } from 'vitest';
import {
  formatOverlayAddress,
  overlayHost,
  parseOverlayAddress,
  pubkeyOfOverlayOrigin,
  requestUrl,
} from './overlay-address.ts';
import { parsePubkey } from './pubkey.ts';

const HEX = 'ab'.repeat(32);
const KEY = parsePubkey(`lob1${HEX}`)!;

describe('overlay addresses', () => {
  it.each([
    [`iroh:${HEX}`, undefined, []],
    [KEY, undefined, []],
    [`iroh:${HEX}?relay=https://relay.example`, 'https://relay.example', []],
    [`iroh:${HEX}?relay=https%3A%2F%2Frelay.example%2F&at=[::1]:7`, 'https://relay.example', ['[::1]:7']],
    [`iroh:${HEX}?at=192.168.1.20:4433&at=10.0.0.1:1`, undefined, ['192.168.1.20:4433', '10.0.0.1:1']],
  ])('reads %s', (text, relayUrl, direct) => {
    const address = parseOverlayAddress(text);
    expect(address).toEqual({ pubkey: KEY, hints: { relayUrl, direct } });
    if (!('problem' in address)) expect(parseOverlayAddress(formatOverlayAddress(address))).toEqual(address);
  });

  it.each([
    ['half a key', `iroh:${HEX.slice(2)}`],
    ['a path', `iroh:${HEX}/v1`],
    ['a relay that is none', `iroh:${HEX}?relay=ftp://x`],
    ['a relay with a password in it', `iroh:${HEX}?relay=https://a:b@x`],
    ['a name where an address has to be', `iroh:${HEX}?at=mac.local:4433`],
    ['an address without a port', `iroh:${HEX}?at=192.168.1.20`],
    ['a port beyond the last', `iroh:${HEX}?at=192.168.1.20:65536`],
  ])('refuses %s', (_what, text) => {
    expect(parseOverlayAddress(text)).toHaveProperty('problem');
  });

  it('is asked under a name that only its key has', () => {
    expect(requestUrl(`iroh:${HEX}?at=127.0.0.1:1`, '/capacity')).toBe(`http://${KEY}.iroh/capacity`);
    expect(requestUrl('http://h:1', '/capacity')).toBe('http://h:1/capacity');
    expect(pubkeyOfOverlayOrigin(`http://${overlayHost(KEY)}`)).toBe(KEY);
    for (const origin of ['http://127.0.0.1:1', `http://${KEY}.iroh.example`, `http://x.${KEY}.iroh`, 'nonsense'])
      expect(pubkeyOfOverlayOrigin(origin)).toBeUndefined();
  });
});
