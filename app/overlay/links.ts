import type { Duplex } from 'node:stream';
import type { Endpoint } from '@number0/iroh';
import { GridError } from '../protocol/errors.ts';
import type { OverlayHints } from '../protocol/overlay-address.ts';
import { formatPubkey, pubkeyBytes, type Pubkey } from '../protocol/pubkey.ts';
import { irohSentence, loadIroh } from './iroh-binding.ts';
import { createLink, type Link, type LinkPath } from './link.ts';
import { ALPN } from './open-endpoint.ts';

const DIAL_MS = 6_000;
const LOOK_MS = 2_000;
/** One peer needs one; a second is there while the first is found to be dead. */
const MAX_LINKS_A_PEER = 3;
const MAX_LINKS = 512;
const MAX_HANDSHAKES = 64;

export interface LinksDeps {
  readonly nowMs: () => number;
  /** where a peer may be found */
  readonly hintsOf: (pubkey: Pubkey) => OverlayHints;
  /** the relay to look at for peers of which nothing is known */
  readonly ownRelayUrl: string | undefined;
  readonly isWelcome: (pubkey: Pubkey) => boolean;
  /** what peers ask; undefined where this machine only asks */
  readonly onStream: ((stream: Duplex) => void) | undefined;
  readonly onChange: () => void;
}

/** All connections of one endpoint. */
export interface Links {
  /** A stream to this peer, over the connection there is or a new one. @throws GridError peer_unreachable */
  open(pubkey: Pubkey): Promise<Duplex>;
  path(pubkey: Pubkey): LinkPath | undefined;
  readonly count: number;
  close(): void;
}

export function createLinks(endpoint: Endpoint, deps: LinksDeps): Links {
  const links = new Map<Pubkey, Link[]>();
  const dialling = new Map<Pubkey, Promise<Link>>();
  let isClosed = false;
  let handshakes = 0;
  let looking: NodeJS.Timeout | undefined;

  const all = () => [...links.values()].flat();
  const best = (pubkey: Pubkey) => links.get(pubkey)?.findLast(({ isOpen }) => isOpen);

  function take(connection: Parameters<typeof createLink>[0], pubkey: Pubkey): Link {
    const link = createLink(connection, pubkey, {
      nowMs: deps.nowMs,
      onStream: deps.onStream ?? ((stream) => stream.destroy()),
      onPath: deps.onChange,
      onClosed(closed) {
        const left = (links.get(pubkey) ?? []).filter((other) => other !== closed);
        if (left.length > 0) links.set(pubkey, left);
        else links.delete(pubkey);
        if (links.size === 0) {
          clearInterval(looking);
          looking = undefined;
        }
        deps.onChange();
      },
    });
    const others = links.get(pubkey) ?? [];
    links.set(pubkey, [...others, link]);
    if (others.length >= MAX_LINKS_A_PEER) others[0]?.close('too many');
    looking ??= setInterval(() => all().forEach((open) => open.look()), LOOK_MS).unref();
    deps.onChange();
    return link;
  }

  async function dial(pubkey: Pubkey): Promise<Link> {
    const { EndpointAddr, EndpointId } = loadIroh();
    const { relayUrl, direct } = deps.hintsOf(pubkey);
    const address = new EndpointAddr(
      EndpointId.fromBytes([...pubkeyBytes(pubkey)]),
      relayUrl ?? deps.ownRelayUrl ?? null,
      [...direct],
    );
    const connecting = endpoint.connect(address, ALPN);
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new GridError('peer_unreachable', 'The peer does not answer in time.')), DIAL_MS);
    });
    try {
      const connection = await Promise.race([connecting, late]);
      if (isClosed) {
        connection.close(0n, []);
        throw new GridError('peer_unreachable', 'The overlay was turned off.');
      }
      return take(connection, pubkey);
    } catch (error) {
      // One that comes too late is not kept.
      connecting.then(
        (connection) => connection.close(0n, []),
        () => undefined,
      );
      if (error instanceof GridError) throw error;
      throw new GridError('peer_unreachable', dialSentence(irohSentence(error)), { cause: error });
    } finally {
      clearTimeout(timer);
    }
  }

  function linkTo(pubkey: Pubkey): Promise<Link> {
    const open = best(pubkey);
    if (open) return Promise.resolve(open);
    let waiting = dialling.get(pubkey);
    if (!waiting) {
      waiting = dial(pubkey).finally(() => dialling.delete(pubkey));
      dialling.set(pubkey, waiting);
    }
    return waiting;
  }

  async function welcome(incoming: NonNullable<Awaited<ReturnType<Endpoint['acceptNext']>>>): Promise<void> {
    if (handshakes >= MAX_HANDSHAKES || all().length >= MAX_LINKS) {
      await incoming.refuse();
      return;
    }
    handshakes += 1;
    try {
      const connection = await (await incoming.accept()).connect();
      const pubkey = formatPubkey(Buffer.from(connection.remoteId().toBytes()));
      if (!isClosed && deps.isWelcome(pubkey)) take(connection, pubkey);
      else connection.close(0n, [...Buffer.from('not welcome')]);
    } finally {
      handshakes -= 1;
    }
  }

  async function accept(): Promise<void> {
    for (;;) {
      const incoming = await endpoint.acceptNext();
      if (!incoming) return;
      welcome(incoming).catch(() => undefined); // a handshake that failed is the other side's business
    }
  }
  accept().catch(() => undefined); // ends with the endpoint

  return {
    async open(pubkey) {
      const link = await linkTo(pubkey);
      try {
        return await link.open();
      } catch (error) {
        throw new GridError('peer_unreachable', 'The connection to the peer was lost.', { cause: error });
      }
    },
    path: (pubkey) => best(pubkey)?.path(),
    get count() {
      return all().length;
    },
    close() {
      isClosed = true;
      clearInterval(looking);
      for (const link of all()) link.close('off');
    },
  };
}

function dialSentence(reason: string): string {
  if (/no addressing information|no.*address/i.test(reason))
    return 'Where this peer is, is not known: its address needs a relay, or the public address lookup has to be on.';
  if (/timed? ?out/i.test(reason)) return 'The peer does not answer in time.';
  return `The peer cannot be reached over the overlay (${reason}).`;
}
