import ipaddr from 'ipaddr.js';
import type { IncomingMessage } from 'node:http';

/** Proxies whose `x-forwarded-for` is believed. */
export type TrustedProxies = readonly ReturnType<typeof ipaddr.parseCIDR>[];

/** @param text like '127.0.0.1/32' or '10.0.0.5' @returns undefined when it is neither a range nor an address */
export function parseProxyRange(text: string): TrustedProxies[number] | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  if (!ipaddr.isValid(text)) return undefined;
  const address = ipaddr.process(text);
  return [address, address.kind() === 'ipv4' ? 32 : 128] as TrustedProxies[number];
}

/**
 * Whose request this is, for limits. Anybody can write `x-forwarded-for`: it is read from its end, and only as far as
 * configured proxies wrote it.
 */
export function clientAddress(request: IncomingMessage, proxies: TrustedProxies): string {
  let address = request.socket.remoteAddress ?? '';
  const header = request.headers['x-forwarded-for'];
  const hops = (Array.isArray(header) ? header.join(',') : (header ?? '')).split(',').map((hop) => hop.trim());
  while (isTrusted(address, proxies)) {
    const hop = hops.pop();
    if (hop === undefined || !ipaddr.isValid(hop)) break;
    address = hop;
  }
  return address;
}

function isTrusted(text: string, proxies: TrustedProxies): boolean {
  if (!ipaddr.isValid(text)) return false;
  const address = ipaddr.process(text);
  return proxies.some((range) => range[0].kind() === address.kind() && address.match(range));
}

/** Whoever rents one server or one line has a whole /48 of IPv6: it counts as one. IPv4 addresses are scarce enough. */
export function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return 'unknown';
  const parsed = ipaddr.process(address);
  if (parsed.kind() === 'ipv4') return parsed.toString();
  return `${(parsed as ipaddr.IPv6).parts
    .slice(0, 3)
    .map((part) => part.toString(16))
    .join(':')}::/48`;
}
