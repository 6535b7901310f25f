import { describe, expect, it } from 'vitest';
import { createAddressOf } from './client-address.ts';

const request = (remoteAddress: string, forwarded?: string | string[]) =>
  ({ socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } }) as never;

describe('the address a request counts for', () => {
  it.each<[string, string[], string, string | undefined, string]>([
    ['is that of the connection', [], '203.0.113.9', undefined, '203.0.113.9'],
    ['a spoofed forwarded-for does nothing', [], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['nor does one from somebody else than the proxy', ['10.0.0.1'], '203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['behind the proxy it is what the proxy saw', ['127.0.0.1'], '127.0.0.1', '198.51.100.1', '198.51.100.1'],
    [
      'what a client wrote before that does not count',
      ['127.0.0.1'],
      '127.0.0.1',
      '1.1.1.1, 198.51.100.1',
      '198.51.100.1',
    ],
    ['a chain of proxies', ['127.0.0.1', '10.0.0.0/8'], '127.0.0.1', '198.51.100.1, 10.1.2.3', '198.51.100.1'],
    ['junk from the proxy', ['127.0.0.1'], '127.0.0.1', 'nonsense', '127.0.0.1'],
    ['no header from the proxy', ['127.0.0.1'], '127.0.0.1', undefined, '127.0.0.1'],
    ['IPv4 in IPv6', ['127.0.0.1'], '::ffff:127.0.0.1', '::ffff:198.51.100.1', '198.51.100.1'],
    ['IPv6 by its /64', [], '2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ])('%s', (_name, proxies, remote, forwarded, expected) => {
    expect(createAddressOf(proxies)(request(remote, forwarded))).toBe(expected);
  });

  it('refuses a proxy that is no address', () => {
    expect(() => createAddressOf(['caddy'])).toThrow(/'caddy' is neither/);
  });
});
