import { describe, expect, it } from 'vitest';
import { addressProblem, inSubnet, isPrivateIpv4, isSanePort, subnetOf } from './public-address.ts';

const STRICT = { allowPrivate: false };
const LAN = { allowPrivate: true };

describe('addressProblem', () => {
  it.each(['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '100.128.0.1', '2606:4700::1111'])(
    'lets %s through',
    (ip) => {
      expect(addressProblem(ip, STRICT)).toBeUndefined();
    },
  );

  it.each([
    ['127.0.0.1', 'loopback'],
    ['127.255.255.254', 'loopback'],
    ['::1', 'loopback'],
    ['10.0.0.1', 'private'],
    ['172.16.0.1', 'private'],
    ['192.168.178.1', 'private'],
    ['100.64.0.1', 'carrier-grade NAT'],
    ['fd12:3456::1', 'unique local'],
  ])('refuses %s (%s) unless the owner allows private ones', (ip) => {
    expect(addressProblem(ip, STRICT)).toBeTypeOf('string');
    expect(addressProblem(ip, LAN)).toBeUndefined();
  });

  it.each([
    ['169.254.169.254', 'metadata, link-local'],
    ['169.254.0.1', 'link-local'],
    ['fe80::1', 'link-local'],
    ['fd00:ec2::254', 'metadata in a private range'],
    ['100.100.100.200', 'metadata in a carrier range'],
    ['0.0.0.0', 'unspecified'],
    ['0.1.2.3', 'this network'],
    ['::', 'unspecified'],
    ['224.0.0.1', 'multicast'],
    ['ff02::1', 'multicast'],
    ['255.255.255.255', 'broadcast'],
    ['240.0.0.1', 'reserved'],
    ['192.0.0.1', 'protocol assignments'],
    ['192.0.2.1', 'documentation'],
    ['198.51.100.7', 'documentation'],
    ['203.0.113.9', 'documentation'],
    ['2001:db8::1', 'documentation'],
    ['198.18.0.1', 'benchmarking'],
    ['::ffff:127.0.0.1', 'IPv4-mapped loopback'],
    ['::ffff:10.0.0.1', 'IPv4-mapped private'],
    ['::ffff:8.8.8.8', 'IPv4-mapped'],
    ['::ffff:a9fe:a9fe', 'IPv4-mapped metadata'],
    ['::127.0.0.1', 'IPv4-compatible'],
    ['64:ff9b::7f00:1', 'NAT64'],
    ['64:ff9b:1::a00:1', 'local NAT64'],
    ['2002:7f00:1::', '6to4'],
    ['2001:0:7f00:1::', 'Teredo'],
    ['fec0::1', 'site-local'],
    ['100::1', 'discard'],
    ['localhost', 'a name'],
    ['', 'nothing'],
  ])('refuses %s (%s), whatever is allowed', (ip) => {
    expect(addressProblem(ip, STRICT)).toBeTypeOf('string');
    expect(addressProblem(ip, LAN)).toBeTypeOf('string');
  });
});

describe('isSanePort', () => {
  it.each([80, 443, 1024, 17474, 65_535])('takes %i', (port) => expect(isSanePort(port)).toBe(true));
  it.each([0, 22, 25, 53, 445, 1023, 2375, 5432, 6000, 6379, 11211, 65_536, -1, Number.NaN])('refuses %i', (port) =>
    expect(isSanePort(port)).toBe(false),
  );
});

describe('a policy of subnets', () => {
  const policy = { allowPrivate: false, onlySubnets: ['192.168.7.0/24'] };

  it('lets its own through and nothing else, not even the internet', () => {
    expect(addressProblem('192.168.7.20', policy)).toBeUndefined();
    for (const ip of [
      '192.168.8.20',
      '10.0.0.1',
      '127.0.0.1',
      '8.8.8.8',
      '169.254.169.254',
      '::ffff:192.168.7.20',
      '2606:4700::1111',
    ])
      expect(addressProblem(ip, policy)).toBeTypeOf('string');
  });

  it('knows private addresses and their networks', () => {
    expect(subnetOf('192.168.7.20/24')).toBe('192.168.7.0/24');
    expect(inSubnet('192.168.7.255', '192.168.7.0/24')).toBe(true);
    expect(['10.1.2.3', '172.16.0.1', '192.168.0.1'].every(isPrivateIpv4)).toBe(true);
    expect(['100.64.0.1', '192.0.2.1', '8.8.8.8', 'fd00::1', 'x', '169.254.1.1', '127.0.0.1'].some(isPrivateIpv4)).toBe(
      false,
    );
  });
});
