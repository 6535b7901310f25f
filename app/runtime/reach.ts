import type { Server } from 'node:http';
import type { Dispatcher } from 'undici';
import type { OverlayView } from '../contract/snapshot.ts';
import { createOverlay } from '../overlay/overlay.ts';
import type { OverlayWish } from '../overlay/open-endpoint.ts';
import type { Directory } from '../peers/directory.ts';
import { peerPath, type PeerPath } from '../peers/peer-path.ts';
import { addressesOf, type Peer } from '../peers/peer.ts';
import type { Signer } from '../protocol/ed25519.ts';
import { GridError } from '../protocol/errors.ts';
import { isOverlayAddress, parseOverlayAddress, type OverlayHints } from '../protocol/overlay-address.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { acquireRoleLock } from '../store/role-lock.ts';
import type { Home } from './home.ts';
import { overlayView } from './overlay-view.ts';
import type { SettingsFile } from './settings.ts';
import { watchFile } from './watch-file.ts';

const RETRY_MS = 30_000;

/** How this machine reaches its peers, and how they reach it: at addresses, or over the overlay while the owner wants it. */
export interface Reach {
  /** for whatever is asked of peers */
  readonly dispatcher: Dispatcher;
  pathOf(peer: Pick<Peer, 'pubkey' | 'url'>): PeerPath;
  view(): OverlayView;
  /** The settings may have changed. Resolves when they hold. */
  look(): Promise<void>;
  stop(): Promise<void>;
}

export function createReach(deps: {
  readonly home: Home;
  readonly signer: Signer;
  readonly secretKey: Uint8Array;
  readonly settings: SettingsFile;
  readonly directory: Directory;
  /** for addresses that are no keys */
  readonly ordinary: Dispatcher;
  /** the worker's; undefined where none runs */
  readonly server: () => Server | undefined;
  readonly stopping: AbortSignal;
  readonly nowMs: () => number;
  readonly onChange: () => void;
}): Reach {
  const { directory, settings, stopping } = deps;
  const wish = (): OverlayWish => (settings.current().sharing.offline ? { state: 'off' } : settings.current().overlay);
  const peerOf = (pubkey: Pubkey) => directory.list().find((peer) => peer.pubkey === pubkey);
  const overlay = createOverlay({
    ...deps,
    ownPubkey: deps.signer.pubkey,
    wish,
    hintsOf: (pubkey) => hintsOf(peerOf(pubkey)),
    isWelcome: (pubkey) => !stopping.aborted && peerOf(pubkey)?.blocked !== true,
    onStream(stream) {
      const server = deps.server();
      if (server && !stopping.aborted) server.emit('connection', stream);
      else stream.destroy();
    },
    claim: () => claim(deps.home),
  });
  let retry: NodeJS.Timeout | undefined;

  async function look(): Promise<void> {
    await overlay.look();
    clearTimeout(retry);
    // What was in the way may go away: a port in use, another Lobstah of this home.
    if (overlay.state().state === 'failed') retry = setTimeout(() => void look(), RETRY_MS).unref();
  }
  const unwatch = watchFile(deps.home.settingsFile, () => void look());

  return {
    dispatcher: overlay.dispatcher,
    pathOf: ({ pubkey, url }) => peerPath(url, isOverlayAddress(url) ? overlay.pathOf(pubkey) : undefined),
    view: () => overlayView(wish(), overlay.state()),
    look,
    async stop() {
      clearTimeout(retry);
      unwatch();
      await overlay.stop();
      clearTimeout(retry);
    },
  };
}

/** What all of its overlay addresses say together. */
function hintsOf(peer: Peer | undefined): OverlayHints {
  const hints = (peer ? addressesOf(peer) : [])
    .filter(isOverlayAddress)
    .map(parseOverlayAddress)
    .flatMap((address) => ('problem' in address ? [] : [address.hints]));
  return {
    relayUrl: hints.find(({ relayUrl }) => relayUrl !== undefined)?.relayUrl,
    direct: hints.flatMap(({ direct }) => direct),
  };
}

/** Two endpoints of one key would take each other's messages: one process of a home has the overlay. */
function claim(home: Home): () => void {
  const taken = acquireRoleLock({ file: home.lockFile('overlay'), holder: { pid: process.pid } });
  if ('heldBy' in taken)
    throw new GridError(
      'already_running',
      `Another Lobstah of this home has the overlay${taken.heldBy.pid ? ` (process ${taken.heldBy.pid})` : ''}: 'lobstah up' runs worker and router in one process.`,
    );
  return () => taken.release();
}
