import type { Duplex } from 'node:stream';
import type { Endpoint } from '@number0/iroh';
import type { Dispatcher } from 'undici';
import { asGridError, GridError } from '../protocol/errors.ts';
import { formatOverlayAddress, parseRelayUrl, type OverlayHints } from '../protocol/overlay-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { letGo } from './let-go.ts';
import type { LinkPath } from './link.ts';
import { createLinks, type Links } from './links.ts';
import { openEndpoint, type OverlayWish } from './open-endpoint.ts';
import { OverlayDispatcher } from './overlay-dispatcher.ts';

/** Own addresses change with the network and when a relay is found. */
const LOOK_MS = 3_000;
const CLOSE_MS = 3_000;

export type OverlayState =
  | { readonly state: 'off' }
  | { readonly state: 'starting' }
  | { readonly state: 'failed'; readonly problem: GridError }
  | {
      readonly state: 'on';
      /** what others need to reach this machine: `iroh:…` */
      readonly address: string;
      /** the relay this machine is reached through; undefined while there is none */
      readonly relayUrl: string | undefined;
      readonly connections: number;
    };

/** Reaching peers by their key, and being reached by it. Nothing is open unless the owner's wish says so. */
export interface Overlay {
  /** for everything that is dialled: peers by key, and all other addresses as before */
  readonly dispatcher: Dispatcher;
  state(): OverlayState;
  /** undefined while there is no connection */
  pathOf(pubkey: Pubkey): LinkPath | undefined;
  /** The wish may have changed. Resolves when what it says holds. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export interface OverlayDeps {
  readonly ownPubkey: Pubkey;
  readonly secretKey: Uint8Array;
  /** for addresses that are no keys */
  readonly ordinary: Dispatcher;
  readonly wish: () => OverlayWish;
  readonly hintsOf: (pubkey: Pubkey) => OverlayHints;
  readonly isWelcome: (pubkey: Pubkey) => boolean;
  readonly onStream: ((stream: Duplex) => void) | undefined;
  /** Makes sure that no other process has this key on the overlay. @returns gives it back. @throws GridError already_running */
  readonly claim: () => () => void;
  readonly nowMs: () => number;
  readonly onChange: () => void;
}

export function createOverlay(deps: OverlayDeps): Overlay {
  let holds: OverlayWish = { state: 'off' };
  let running: { endpoint: Endpoint; links: Links } | undefined;
  let problem: GridError | undefined;
  let release: (() => void) | undefined;
  let looking: NodeJS.Timeout | undefined;
  let isStopped = false;
  let work: Promise<void> = Promise.resolve();
  const dispatcher = new OverlayDispatcher(deps.ordinary, (pubkey) => open(pubkey));

  async function open(pubkey: Pubkey): Promise<Duplex> {
    if (pubkey === deps.ownPubkey) throw new GridError('peer_unreachable', 'This is the key of this machine itself.');
    if (!running)
      throw new GridError(
        'peer_unreachable',
        problem?.message ?? 'This peer is reached over the overlay, which is off (Settings, or lobstah overlay on).',
      );
    return running.links.open(pubkey);
  }

  async function apply(): Promise<void> {
    const wish: OverlayWish = isStopped ? { state: 'off' } : deps.wish();
    if (JSON.stringify(wish) === JSON.stringify(holds) && !problem) return;
    holds = wish;
    // In a function of its own, so that no variable here knows the endpoint any more.
    const hasEnded = await shut();
    // A process that ends gives everything back by itself.
    if (hasEnded && !isStopped) await letGo();
    if (wish.state === 'on')
      try {
        await start(wish);
      } catch (error) {
        problem = asGridError(error, 'overlay_failed');
      }
    deps.onChange();
  }

  async function start(wish: OverlayWish & { state: 'on' }): Promise<void> {
    release = deps.claim();
    const endpoint = await openEndpoint(wish, deps.secretKey);
    const links = createLinks(endpoint, { ...deps, ownRelayUrl: parseRelayUrl(wish.relay) });
    running = { endpoint, links };
    let shown = '';
    // Looked at: a promise of the binding for "online" would keep the process alive while there is no relay.
    looking = setInterval(() => {
      const now = describe(endpoint, links, deps.ownPubkey, wish).address;
      if (now !== shown) deps.onChange();
      shown = now;
    }, LOOK_MS).unref();
  }

  async function shut(): Promise<boolean> {
    problem = undefined;
    const ended = running;
    running = undefined;
    clearInterval(looking);
    looking = undefined;
    await dispatcher.dropStreams();
    if (ended) {
      ended.links.close();
      // Goodbyes to peers that are gone are not waited for.
      await Promise.race([ended.endpoint.close(), new Promise((resolve) => setTimeout(resolve, CLOSE_MS).unref())]);
    }
    release?.();
    release = undefined;
    return ended !== undefined;
  }

  /** One change after the other: two endpoints of one key would take each other's messages at a relay. */
  function look(): Promise<void> {
    work = work.then(apply);
    return work;
  }

  return {
    dispatcher,
    look,
    state() {
      if (problem) return { state: 'failed', problem };
      if (running) return describe(running.endpoint, running.links, deps.ownPubkey, holds);
      return { state: holds.state === 'on' ? 'starting' : 'off' };
    },
    pathOf: (pubkey) => running?.links.path(pubkey),
    stop() {
      isStopped = true;
      return look();
    },
  };
}

function describe(endpoint: Endpoint, links: Links, pubkey: Pubkey, wish: OverlayWish): OverlayState & { state: 'on' } {
  const address = endpoint.addr();
  const relayUrl = address.relayUrl() ?? undefined;
  const direct = wish.state === 'on' && wish.relayOnly ? [] : address.directAddresses();
  return {
    state: 'on',
    address: formatOverlayAddress({ pubkey, hints: { relayUrl: relayUrl && parseRelayUrl(relayUrl), direct } }),
    relayUrl: relayUrl && parseRelayUrl(relayUrl),
    connections: links.count,
  };
}
