import multicastDns from 'multicast-dns';
import type { LanInterface } from './lan-interfaces.ts';
import { isAbout, QUESTION, readRecords, recordsOf, type Heard, type LanEntry } from './mdns-records.ts';

/** mDNS on one interface: a UDP socket on port 5353 in the group 224.0.0.251, from here until it is closed. */
export interface MdnsLink {
  /** answers for this entry from now on, and says it unasked; undefined says goodbye to the one before */
  announce(entry: LanEntry | undefined): Promise<void>;
  /** asks who is there */
  ask(): void;
  /** says goodbye first, unless silently */
  close(silently?: boolean): Promise<void>;
}

export interface MdnsHandlers {
  /** @param from the address that the packet came from, as the kernel says */
  readonly onHeard: (heard: readonly Heard[], from: string) => void;
  readonly onProblem: (problem: string) => void;
}

export function openMdnsLink({ address }: LanInterface, handlers: MdnsHandlers): MdnsLink {
  // Bound to the address itself, a socket of Linux would hear nothing that is sent to the group.
  const mdns = multicastDns({ interface: address, bind: '0.0.0.0', reuseAddr: true, loopback: true });
  let announced: LanEntry | undefined;
  let isClosed = false;

  mdns.on('response', (packet, { address: from }) =>
    handlers.onHeard(readRecords([...(packet.answers ?? []), ...(packet.additionals ?? [])]), from),
  );
  mdns.on('query', ({ questions }) => {
    if (announced && isAbout(questions ?? [], announced.pubkey)) mdns.respond(recordsOf(announced));
  });
  mdns.on('error', (error: NodeJS.ErrnoException) => {
    handlers.onProblem(`Port 5353 of the local network cannot be used (${error.code ?? error.message}).`);
  });

  const respond = (entry: LanEntry, isLeaving: boolean) =>
    new Promise<void>((resolve) => mdns.respond(recordsOf(entry, isLeaving), () => resolve()));

  return {
    async announce(entry) {
      const before = announced;
      announced = entry;
      const isSame = entry && before && entry.port === before.port && entry.address === before.address;
      if (before && !entry) await respond(before, true);
      if (entry && !isSame) await respond(entry, false);
    },
    ask: () => mdns.query([QUESTION]),
    async close(silently = false) {
      if (isClosed) return;
      isClosed = true;
      if (announced && !silently) await respond(announced, true);
      await new Promise<void>((resolve) => mdns.destroy(() => resolve()));
    },
  };
}
