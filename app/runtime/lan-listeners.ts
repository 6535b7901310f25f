import type { RequestListener } from 'node:http';
import { listen, type RunningServer } from '../http/listen.ts';
import type { ServedAddress } from '../peers/lan/lan.ts';
import { GridError } from '../protocol/errors.ts';

/** Who turns the switch off does not cut neighbours off in mid-answer. */
const RUNNING_ANSWERS_MS = 60_000;

/** The worker at addresses of the local network, each only from its opening to its end. */
export interface LanListeners {
  /** @throws GridError for an address that cannot be listened on */
  serveAt(address: string): Promise<ServedAddress>;
  /** Host names that are answered to at this moment */
  addresses(): readonly string[];
  close(drainMs?: number): Promise<void>;
}

export function createLanListeners(deps: { app: () => RequestListener | undefined; port: () => number }): LanListeners {
  const open = new Set<string>();
  const servers = new Map<RunningServer, Promise<void> | undefined>();

  async function listenAt(app: RequestListener, host: string): Promise<RunningServer> {
    try {
      return await listen(app, { host, port: deps.port() });
    } catch (error) {
      // Neighbours learn the port with the address, so another one is as good.
      if (error instanceof GridError && error.code === 'port_taken') return listen(app, { host, port: 0 });
      throw error;
    }
  }

  return {
    async serveAt(address) {
      const app = deps.app();
      if (!app) throw new GridError('invalid_argument', 'No worker listens here, so neighbours have nothing to reach.');
      const server = await listenAt(app, address);
      open.add(address);
      servers.set(server, undefined);
      return {
        port: server.port,
        close(atOnce = false) {
          open.delete(address);
          const closed = server.close(atOnce ? 0 : RUNNING_ANSWERS_MS).then(() => void servers.delete(server));
          servers.set(server, closed);
          return Promise.resolve();
        },
      };
    },
    addresses: () => [...open],
    async close(drainMs = 0) {
      open.clear();
      const cut = setTimeout(() => {
        for (const { server } of servers.keys()) server.closeAllConnections();
      }, drainMs);
      await Promise.all([...servers].map(([server, closing]) => closing ?? server.close(drainMs)));
      clearTimeout(cut);
    },
  };
}
