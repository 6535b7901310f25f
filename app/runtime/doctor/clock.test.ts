import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { judgeClock, type ClockEvidence } from './clock.ts';
import { askTimeServer, parseSntp, sntpRequest } from './sntp.ts';

const MINUTE = 60_000;
const NTP_1970 = 2_208_988_800;

describe('a clock', () => {
  it.each<[string, ClockEvidence, string, string | undefined, RegExp]>([
    ['with nobody to compare', { peerOffsetsMs: [], serverOffsetMs: undefined }, 'ok', undefined, /nobody/],
    [
      'like that of a peer',
      { peerOffsetsMs: [-900], serverOffsetMs: undefined },
      'ok',
      undefined,
      /agrees with .* a peer/,
    ],
    ['a minute behind', { peerOffsetsMs: [MINUTE], serverOffsetMs: undefined }, 'warning', 'clock_off', /60 s behind/],
    [
      'ten minutes behind',
      { peerOffsetsMs: [10 * MINUTE], serverOffsetMs: undefined },
      'failed',
      'clock_off',
      /10 min behind/,
    ],
    [
      'an hour ahead',
      { peerOffsetsMs: [-60 * MINUTE], serverOffsetMs: undefined },
      'failed',
      'clock_off',
      /60 min ahead/,
    ],
    [
      'like two of three peers, where one is wrong',
      { peerOffsetsMs: [0, 999 * MINUTE, 100], serverOffsetMs: undefined },
      'ok',
      undefined,
      /3 peers/,
    ],
    [
      'like a time server, against its peer',
      { peerOffsetsMs: [99 * MINUTE], serverOffsetMs: 20 },
      'ok',
      undefined,
      /time server/,
    ],
    [
      'unlike a time server',
      { peerOffsetsMs: [0], serverOffsetMs: 9 * MINUTE },
      'failed',
      'clock_off',
      /9 min behind a time server/,
    ],
    [
      'whose time server is silent, alone',
      { peerOffsetsMs: [], serverOffsetMs: null },
      'warning',
      'clock_unknown',
      /not answer/,
    ],
    [
      'whose time server is silent, with a peer',
      { peerOffsetsMs: [0], serverOffsetMs: null },
      'ok',
      undefined,
      /a peer/,
    ],
  ])('%s', (_name, evidence, status, code, message) => {
    const finding = judgeClock(evidence);
    expect([finding.status ?? 'ok', finding.code]).toEqual([status, code]);
    expect(finding.message).toMatch(message);
    if (status !== 'ok') expect(finding.hint).toBeTruthy();
  });
});

function answerPacket(ms: number, change: (packet: Buffer) => void = () => undefined): Buffer {
  const packet = Buffer.alloc(48);
  packet[0] = (4 << 3) | 4;
  packet[1] = 2;
  for (const at of [32, 40]) {
    packet.writeUInt32BE(Math.floor(ms / 1_000) + NTP_1970 - (ms > 2_085_978_496_000 ? 2 ** 32 : 0), at);
    packet.writeUInt32BE(Math.round(((ms % 1_000) / 1_000) * 2 ** 32), at + 4);
  }
  change(packet);
  return packet;
}

describe('the answer of a time server', () => {
  it.each([1_795_863_422_250, 2_000_000_000_500, 2_085_978_497_500])('tells %i', (ms) => {
    const answer = parseSntp(answerPacket(ms));
    expect(answer?.sentMs).toBeCloseTo(ms, 0);
    expect(answer?.receivedMs).toBeCloseTo(ms, 0);
  });
  it.each<[string, Buffer]>([
    ['that is cut', answerPacket(1e12).subarray(0, 47)],
    ['of a client', answerPacket(1e12, (packet) => (packet[0] = (4 << 3) | 3))],
    ['of a server that lost the time', answerPacket(1e12, (packet) => (packet[0] = (3 << 6) | (4 << 3) | 4))],
    ['that is a kiss of death', answerPacket(1e12, (packet) => (packet[1] = 0))],
  ])('%s is none', (_name, packet) => {
    expect(parseSntp(packet)).toBeUndefined();
  });

  it('says how far away our clock is', async () => {
    const aheadMs = 7 * MINUTE;
    const server = createSocket('udp4');
    server.on('message', (packet, from) => {
      expect(packet).toEqual(sntpRequest());
      server.send(answerPacket(Date.now() + aheadMs), from.port, from.address);
    });
    await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
    const { port } = server.address();
    const offset = await askTimeServer({ host: '127.0.0.1', port }, Date.now);
    expect(Math.abs((offset ?? 0) - aheadMs)).toBeLessThan(2_000);
    await new Promise<void>((resolve) => server.close(resolve));
    // Nobody is there any more, or nobody knows where.
    expect(await askTimeServer({ host: '127.0.0.1', port }, Date.now)).toBeUndefined();
    expect(await askTimeServer({ host: 'nobody.invalid', port }, Date.now)).toBeUndefined();
  });
});
