import { createSocket } from 'node:dgram';

/** Seconds between 1900, where NTP begins, and 1970. */
const NTP_EPOCH_SECONDS = 2_208_988_800;
const PACKET_BYTES = 48;
const TIMEOUT_MS = 4_000;

/** RFC 4330, client mode: everything else of the packet may be zero. */
export function sntpRequest(): Buffer {
  const packet = Buffer.alloc(PACKET_BYTES);
  packet[0] = (4 << 3) | 3; // version 4, mode client
  return packet;
}

/** @returns the server's receive and transmit times in ms since 1970, or undefined for what is no answer to trust */
export function parseSntp(packet: Buffer): { receivedMs: number; sentMs: number } | undefined {
  if (packet.length < PACKET_BYTES) return undefined;
  const [first = 0, stratum = 0] = packet;
  const leap = first >> 6;
  // Mode server; a leap of 3 or stratum 0 is a server that does not know the time itself.
  if ((first & 7) !== 4 || leap === 3 || stratum === 0 || stratum > 15) return undefined;
  const receivedMs = timestampMs(packet, 32);
  const sentMs = timestampMs(packet, 40);
  return sentMs > 0 ? { receivedMs, sentMs } : undefined;
}

function timestampMs(packet: Buffer, at: number): number {
  const seconds = packet.readUInt32BE(at);
  // From 2036 on the count begins anew; times before 1970 mean nothing here.
  const era = seconds < NTP_EPOCH_SECONDS ? 2 ** 32 : 0;
  return (seconds + era - NTP_EPOCH_SECONDS) * 1_000 + (packet.readUInt32BE(at + 4) / 2 ** 32) * 1_000;
}

/** @returns the server's clock less ours in ms; undefined when it does not answer */
export function askTimeServer(
  server: { host: string; port: number },
  nowMs: () => number,
): Promise<number | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4');
    let sentAtMs = 0;
    const end = (offsetMs: number | undefined) => {
      clearTimeout(timer);
      socket.close();
      resolve(offsetMs);
    };
    const timer = setTimeout(() => end(undefined), TIMEOUT_MS);
    socket.once('error', () => end(undefined));
    socket.on('message', (packet) => {
      const atMs = nowMs();
      const answer = parseSntp(packet);
      if (answer) end((answer.receivedMs - sentAtMs + (answer.sentMs - atMs)) / 2);
    });
    socket.once('connect', () => {
      sentAtMs = nowMs();
      socket.send(sntpRequest());
    });
    socket.connect(server.port, server.host);
  });
}
