import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import { GridError } from '../../protocol/errors.ts';

type Range = [ipaddr.IPv4 | ipaddr.IPv6, number];

export type AddressOf = (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string;

/**
 * Whose limits a request counts against. Anybody can write a forwarded-for header, so it counts only when the connection
 * comes from a proxy that the owner named; then the last address in it that is no such proxy is the one the proxy saw.
 * IPv6 addresses count by their /64: one household has 2^64 of them.
 * @throws GridError invalid_argument for a proxy that is neither an address nor a range
 */
export function createAddressOf(trustedProxies: readonly string[]): AddressOf {
  const ranges = trustedProxies.map(parseRange);
  const isProxy = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    ranges.some((range) => range[0].kind() === address.kind() && address.match(range));
  return ({ headers, socket }) => {
    const direct = parseAddress(socket.remoteAddress ?? '');
    if (!direct) return 'unknown';
    if (ranges.length === 0 || !isProxy(direct)) return keyOf(direct);
    const forwarded = [headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
    for (const text of forwarded.toReversed()) {
      const address = parseAddress(text.trim());
      // What cannot be read was not written by our proxy: nothing left of it can be believed.
      if (!address) break;
      if (!isProxy(address)) return keyOf(address);
    }
    return keyOf(direct);
  };
}

function parseAddress(text: string): ipaddr.IPv4 | ipaddr.IPv6 | undefined {
  // isValidFourPartDecimal: '1' and '0x7f.1' are addresses to some parsers
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text);
  const bare = text.replace(/%.*$/, '');
  return ipaddr.IPv6.isValid(bare) ? ipaddr.process(bare) : undefined;
}

function parseRange(text: string): Range {
  const address = parseAddress(text);
  if (address) return [address, address.kind() === 'ipv4' ? 32 : 128];
  try {
    return ipaddr.parseCIDR(text);
  } catch (error) {
    throw new GridError('invalid_argument', `'${text}' is neither an address nor a range such as 10.0.0.0/8.`, {
      cause: error,
    });
  }
}

function keyOf(address: ipaddr.IPv4 | ipaddr.IPv6): string {
  if (address.kind() === 'ipv4') return address.toString();
  const network = (address as ipaddr.IPv6).parts.slice(0, 4).map((part) => part.toString(16));
  return `${network.join(':')}::/64`;
}
