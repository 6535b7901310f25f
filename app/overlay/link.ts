import type { Duplex } from 'node:stream';
import type { BiStream, Connection } from '@number0/iroh';
import { setProvenKey } from '../http/proven-key.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { StreamDuplex } from './stream-duplex.ts';

/** How a peer is reached right now. */
export interface LinkPath {
  readonly kind: 'direct' | 'relay';
  readonly rttMs: number;
}

/** iroh sends a sign of life every five seconds; one that was lost is made up for by then. */
const SILENT_MS = 8_000;
/** Far more than a round trip, also through a relay. */
const CONFIRM_MS = 1_500;
/** Signs of life cost battery: a connection that nobody uses is given back. */
const UNUSED_MS = 150_000;
const MAX_STREAMS = 256n;

/** One QUIC connection with one peer, whoever dialled it. */
export interface Link {
  readonly pubkey: Pubkey;
  readonly isOpen: boolean;
  readonly streams: number;
  open(): Promise<Duplex>;
  /** undefined while no way is chosen */
  path(): LinkPath | undefined;
  /** Closes it when nobody is there any more, or nobody uses it. */
  look(): void;
  close(reason: string): void;
}

export interface LinkDeps {
  readonly nowMs: () => number;
  /** a stream that the peer opened */
  readonly onStream: (stream: Duplex) => void;
  readonly onPath: () => void;
  readonly onClosed: (link: Link) => void;
}

export function createLink(connection: Connection, pubkey: Pubkey, deps: LinkDeps): Link {
  let isOpen = true;
  let streams = 0;
  let heardMs = deps.nowMs();
  let usedMs = heardMs;
  let received = 0;
  connection.setMaxConcurrentBiStreams(MAX_STREAMS);
  let shown = pathOf(connection)?.kind;

  function end(): void {
    if (!isOpen) return;
    isOpen = false;
    deps.onClosed(link);
  }

  function listen(): number {
    const now = connection.stats().udpRxDatagrams;
    if (now !== received) heardMs = deps.nowMs();
    received = now;
    return deps.nowMs() - heardMs;
  }

  /** Whoever waited for a stream gave it up. A peer that is there confirms that; when nothing comes, the next one dials anew. */
  function doubt(): void {
    listen();
    const before = received;
    setTimeout(() => {
      listen();
      if (isOpen && received === before) link.close('silent');
    }, CONFIRM_MS).unref();
  }

  function wrap(stream: BiStream): Duplex {
    streams += 1;
    usedMs = deps.nowMs();
    const duplex = new StreamDuplex(stream, {
      onHeard: () => (heardMs = deps.nowMs()),
      onClosed(isBroken) {
        streams -= 1;
        usedMs = deps.nowMs();
        if (isBroken && isOpen) doubt();
      },
    });
    setProvenKey(duplex, pubkey);
    return duplex;
  }

  async function accept(): Promise<void> {
    while (isOpen) deps.onStream(wrap(await connection.acceptBi()));
  }

  const link: Link = {
    pubkey,
    get isOpen() {
      return isOpen && connection.closeReason() === null;
    },
    get streams() {
      return streams;
    },
    open: async () => wrap(await connection.openBi()),
    path: () => (isOpen ? pathOf(connection) : undefined),
    look() {
      // Looked at, not watched: the watchers of the binding (1.1) need a runtime that is not there when JavaScript calls them.
      const kind = pathOf(connection)?.kind;
      if (kind !== shown) {
        shown = kind;
        deps.onPath();
      }
      if (listen() > SILENT_MS) link.close('silent');
      else if (streams === 0 && deps.nowMs() - usedMs > UNUSED_MS) link.close('unused');
    },
    close(reason) {
      connection.close(0n, [...Buffer.from(reason)]);
      end();
    },
  };
  // Both end when the connection does; a failure of either says nothing more than that.
  accept().then(end, end);
  connection.closed().then(end, end);
  return link;
}

function pathOf(connection: Connection): LinkPath | undefined {
  const selected = connection.paths().find(({ isSelected }) => isSelected);
  return selected && { kind: selected.isRelay ? 'relay' : 'direct', rttMs: selected.rttMs };
}
