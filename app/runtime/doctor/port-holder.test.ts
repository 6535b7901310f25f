import { createServer, type AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import { findPortHolder, holderWords, parseLsof, parseProcNetTcp } from './port-holder.ts';

/** Recorded: `lsof -nP -iTCP:18999 -sTCP:LISTEN -Fpcu` with one holder, and with a name that has a space. */
const ONE = 'p22822\ncpython3\nu0\nf3\n';
const ON_A_MAC = 'p612\ncGoogle\\x20Chrome\\x20H\nu501\nf24\np613\ncnode\nu501\nf19\n';

/** Recorded from /proc/net/tcp and tcp6; the second of the first is no listener but a connection. */
const TCP = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:97ED 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 42080 1 00000000a92b3523 100 0 0 10 0
   1: 0100007F:4443 0100007F:97ED 01 00000000:00000000 00:00000000 00000000  1000        0 51112 1 0000000012345678 20 4 30 10 -1
   2: 00000000:4442 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 42096 1 00000000c26c881b 100 0 0 10 0
`;
const TCP6 = `  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000000000000000000000000000:4442 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000   501        0 73198 1 00000000d12bb0f5 100 0 0 10 0
`;

describe('the output of lsof', () => {
  it('names the process', () => {
    expect(parseLsof(ONE)).toEqual({ pid: 22_822, name: 'python3', uid: 0 });
  });
  it('of several processes names the first, with its whole name', () => {
    expect(parseLsof(ON_A_MAC)).toEqual({ pid: 612, name: 'Google Chrome H', uid: 501 });
  });
  it.each(['', '\n', 'lsof: no file use located', 'p\n', 'pabc\ncx\n'])('%j names nobody', (text) => {
    expect(parseLsof(text)).toBeUndefined();
  });
});

describe('the tables of the kernel', () => {
  it.each([
    ['a loopback listener', TCP, 0x97ed, { inode: '42080', uid: 0 }],
    ['a listener on every address', TCP, 17_474, { inode: '42096', uid: 1000 }],
    ['a listener on IPv6', TCP6, 17_474, { inode: '73198', uid: 501 }],
    ['a connection, which is no listener', TCP, 17_475, undefined],
    ['a port nobody has', TCP, 1, undefined],
    ['no table', '', 17_474, undefined],
  ])('%s', (_name, text, port, socket) => {
    expect(parseProcNetTcp(text, port)).toEqual(socket);
  });
});

describe('a port of this machine', () => {
  it.skipIf(process.platform === 'win32')('that is held names this process', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    expect(await findPortHolder(port)).toMatchObject({ pid: process.pid });
    await new Promise((resolve) => server.close(resolve));
    expect(await findPortHolder(port)).toBeUndefined();
  });

  it.each([
    [{ pid: 7, name: 'node', uid: 501 }, 'node (process 7)'],
    [{ pid: 7, name: undefined, uid: undefined }, 'a program (process 7)'],
    [{ pid: undefined, name: undefined, uid: 0 }, 'a program of another account (user 0)'],
  ])('%j is called %s', (holder, words) => {
    expect(holderWords(holder)).toBe(words);
  });
});
