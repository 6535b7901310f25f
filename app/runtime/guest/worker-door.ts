import type { RequestListener, Server } from 'node:http';
import { listen, type RunningServer } from '../../http/listen.ts';
import { isLoopback } from '../server-address.ts';

/** The port at which others reach the worker: closed while Lobstah is offline, open again at the same number after. */
export interface WorkerDoor {
  readonly url: string;
  /** undefined while it is closed */
  server(): Server | undefined;
  setOffline(offline: boolean): void;
  close(drainMs?: number): Promise<void>;
}

const LONG_MS = 2 ** 31 - 1;

/** @throws GridError port_taken, invalid_argument */
export async function openWorkerDoor(
  app: RequestListener,
  at: { host: string; port: number },
  deps: { readonly offline: boolean; readonly onProblem: (error: unknown) => void },
): Promise<WorkerDoor> {
  const first = await listen(app, at);
  const { url, port } = first;
  let current: RunningServer | undefined = first;
  let wanted: 'open' | 'closed' = 'open';
  let changing: Promise<void> = Promise.resolve();
  /** A listening port is what keeps a process running; so does a door that is to be opened again. */
  let waiting: NodeJS.Timeout | undefined;

  async function change(): Promise<void> {
    if (wanted === 'closed' && current) {
      const closing = current;
      current = undefined;
      waiting = setInterval(() => undefined, LONG_MS);
      await closing.close();
    } else if (wanted === 'open' && !current) {
      current = await listen(app, { host: at.host, port });
      clearInterval(waiting);
    }
  }

  const door: WorkerDoor = {
    url,
    server: () => current?.server,
    setOffline(offline) {
      // Who listens on this machine alone has no door to the outside.
      if (isLoopback(at.host)) return;
      wanted = offline ? 'closed' : 'open';
      changing = changing.then(change).catch(deps.onProblem);
    },
    async close(drainMs) {
      await changing;
      clearInterval(waiting);
      await current?.close(drainMs);
    },
  };
  door.setOffline(deps.offline);
  return door;
}
