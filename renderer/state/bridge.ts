import type { Bridge } from '../../app/contract/bridge.ts';
import { createConnectionStore, type ConnectionStore } from './connection-store.ts';
import { createHttpBridge } from './http-bridge.ts';
import { createHttpSession } from './http-session.ts';

declare global {
  interface Window {
    /** put there by the preload script; absent in a browser */
    readonly lobstah?: Bridge;
  }
}

export interface PickedBridge {
  readonly bridge: Bridge;
  readonly connection: ConnectionStore;
}

/** IPC inside the app, HTTP in a browser. Called once, before anything reads the address. */
export function pickBridge(page: Window & typeof globalThis): PickedBridge {
  if (page.lobstah) return { bridge: page.lobstah, connection: createConnectionStore('live') };
  const connection = createConnectionStore('connecting');
  const session = createHttpSession({
    fetch: page.fetch.bind(page),
    storage: page.sessionStorage,
    code: takeCode(page.location, page.history),
  });
  const wait = (ms: number) => new Promise<void>((resolve) => page.setTimeout(resolve, ms));
  return { bridge: createHttpBridge({ session, connection, nowMs: Date.now, wait }), connection };
}

/** Reads the one-time code out of `#code=…` and takes it out of the address, so that it is in no history and no bookmark. */
export function takeCode(
  location: Pick<Location, 'hash' | 'pathname' | 'search'>,
  history: Pick<History, 'replaceState'>,
): string | null {
  const match = /^#code=([^&]+)/.exec(location.hash);
  if (!match?.[1]) return null;
  history.replaceState(null, '', location.pathname + location.search);
  return decodeURIComponent(match[1]);
}
