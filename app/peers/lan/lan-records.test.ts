import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSigner } from '../../protocol/ed25519.ts';
import { pickLanInterfaces } from './lan-interfaces.ts';
import { isAbout, QUESTION, readRecords, recordsOf } from './mdns-records.ts';

const { pubkey } = createSigner(randomBytes(32));
const entry = { pubkey, address: '192.168.1.20', port: 17474 };

describe('records of mDNS', () => {
  it('carry key, path, protocol and one address, and read back', () => {
    const records = recordsOf(entry);
    expect(records.find(({ type }) => type === 'TXT')?.data).toEqual([`key=${pubkey}`, 'path=/capacity', 'protocol=2']);
    expect(records.filter(({ type }) => type === 'A')).toMatchObject([{ data: '192.168.1.20' }]);
    expect(readRecords(records)).toEqual([{ pubkey, port: 17474, isLeaving: false }]);
    expect(readRecords(recordsOf(entry, true))).toEqual([{ pubkey, port: 17474, isLeaving: true }]);
    expect(isAbout([QUESTION], pubkey)).toBe(true);
    expect(isAbout([{ name: '_http._tcp.local', type: 'PTR' }, 'junk'], pubkey)).toBe(false);
  });

  it('say nothing of the machine: neither its name nor other addresses', () => {
    expect(JSON.stringify(recordsOf(entry).map(({ name }) => name))).toMatch(
      /^\["_lobstah\._tcp\.local",("lobstah-[0-9a-f]{16}\.(_lobstah\._tcp\.)?local",?)+\]$/,
    );
  });

  it.each([
    [[{ name: 'x._lobstah._tcp.local', type: 'TXT', ttl: 1, data: ['key=lob1'] }]],
    [[{ name: `x._lobstah._tcp.local`, type: 'TXT', ttl: 1, data: [`key=${pubkey}`] }]],
    [[{ name: 7 }, null, 'x']],
    [recordsOf({ ...entry, port: 70_000 })],
  ])('%j is nobody', (records) => {
    expect(readRecords(records)).toEqual([]);
  });
});

describe('interfaces', () => {
  const of = (address: string, members: object = {}) => [
    {
      address,
      netmask: '255.255.255.0',
      family: 'IPv4' as const,
      mac: '02:00:00:00:00:01',
      internal: false,
      cidr: `${address}/24`,
      ...members,
    },
  ];

  it('of the local network: private, with a card', () => {
    expect(
      pickLanInterfaces({
        en0: of('192.168.1.20'),
        lo0: of('127.0.0.1', { internal: true }),
        utun3: of('10.8.0.2'),
        ppp0: of('10.9.0.2', { mac: '00:00:00:00:00:00' }),
        docker0: of('172.17.0.1'),
        en5: of('8.8.8.8'),
        en6: of('169.254.3.3'),
      }),
    ).toEqual([{ name: 'en0', address: '192.168.1.20', subnet: '192.168.1.0/24' }]);
  });
});
