import ipaddr from 'ipaddr.js';

/**
 * May this address be dialled because a stranger said so? Everything that is not plainly somewhere else on the internet is
 * refused: it would make this machine knock at doors behind its own firewall (server-side request forgery).
 */
export interface AddressPolicy {
  /** addresses of the local network and of this machine count as well: for a tracker of a LAN */
  readonly allowPrivate: boolean;
  /** these ('192.168.1.0/24') and nothing else: for neighbours that were found on the local network */
  readonly onlySubnets?: readonly string[] | undefined;
}

type Range = ReturnType<(ipaddr.IPv4 | ipaddr.IPv6)['range']>;

/** Reachable addresses that belong to this machine or this network. Link-local ones are never dialled: cloud metadata is there. */
const PRIVATE_RANGES: readonly string[] = ['private', 'loopback', 'carrierGradeNat', 'uniqueLocal'] satisfies Range[];
/** Metadata services that live in ranges which are allowed otherwise. */
const METADATA = new Set(['fd00:ec2::254', '100.100.100.200', 'fd20:ce::254']);

const WORDS: Partial<Record<Range, string>> = {
  loopback: 'this machine itself',
  private: 'a private network',
  uniqueLocal: 'a private network',
  carrierGradeNat: "a provider's inner network",
  linkLocal: 'the local link',
  multicast: 'a group of machines',
  broadcast: 'a group of machines',
  unspecified: 'no machine',
};

/** @param ip as a resolver or the kernel prints it @returns words that complete "the address is that of …"; undefined: may be dialled */
export function addressProblem(ip: string, policy: AddressPolicy): string | undefined {
  if (!ipaddr.isValid(ip)) return 'nobody';
  const address = ipaddr.parse(ip);
  const range = address.range();
  if (METADATA.has(address.toString())) return 'a metadata service';
  if (policy.onlySubnets)
    return range === 'private' && policy.onlySubnets.some((subnet) => inSubnet(ip, subnet))
      ? undefined
      : 'another network than yours';
  if (PRIVATE_RANGES.includes(range)) return policy.allowPrivate ? undefined : WORDS[range];
  // What IPv6 wraps around IPv4 (mapped, NAT64, 6to4, Teredo) leads to addresses that were not looked at.
  if (address.kind() === 'ipv6' && !isGlobalIpv6(address as ipaddr.IPv6)) return WORDS[range] ?? 'a reserved range';
  return range === 'unicast' ? undefined : (WORDS[range] ?? 'a reserved range');
}

export function isPrivateIpv4(ip: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(ip) && ipaddr.IPv4.parse(ip).range() === 'private';
}

/** @param cidr an address with its prefix, '192.168.1.20/24' @returns the network it is in, '192.168.1.0/24' */
export function subnetOf(cidr: string): string {
  return `${ipaddr.IPv4.networkAddressFromCIDR(cidr).toString()}/${cidr.split('/')[1] ?? '32'}`;
}

export function inSubnet(ip: string, subnet: string): boolean {
  return ipaddr.IPv4.isValidFourPartDecimal(ip) && ipaddr.IPv4.parse(ip).match(ipaddr.IPv4.parseCIDR(subnet));
}

/** IANA has given out nothing else for the internet yet than 2000::/3. */
function isGlobalIpv6(address: ipaddr.IPv6): boolean {
  return ((address.parts[0] ?? 0) & 0xe000) === 0x2000;
}

/** Ports that speak something else than HTTP and do harm when they are spoken to (WHATWG fetch, "bad port"; databases). */
const BAD_PORTS = new Set([
  1719, 1720, 1723, 2049, 2375, 3306, 3659, 4045, 4190, 5060, 5061, 5432, 6000, 6379, 6566, 6665, 6666, 6667, 6668,
  6669, 6679, 6697, 9200, 10080, 11211, 27017,
]);

export function isSanePort(port: number): boolean {
  return port === 80 || port === 443 || (port >= 1024 && port <= 65_535 && !BAD_PORTS.has(port));
}
