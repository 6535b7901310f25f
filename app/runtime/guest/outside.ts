import { Agent, Dispatcher } from 'undici';
import { GridError } from '../../protocol/errors.ts';

/**
 * The way to other machines, with a switch. Offline it dials nobody and what was open is closed; this machine itself is not
 * outside: its own worker and router stay in reach.
 */
export class Outside extends Dispatcher {
  private readonly near: Dispatcher;
  private far: Dispatcher | undefined;
  private readonly newFar: () => Dispatcher;

  constructor(newAgent: () => Dispatcher = () => new Agent({ connect: { timeout: 5_000 }, connections: null })) {
    super();
    this.newFar = newAgent;
    this.near = newAgent();
    this.far = newAgent();
  }

  setOffline(offline: boolean): void {
    if (offline === (this.far === undefined)) return;
    if (!offline) {
      this.far = this.newFar();
      return;
    }
    const far = this.far;
    this.far = undefined;
    // Sockets close at once; those who waited on them are told.
    void far?.destroy(offlineError()).catch(() => undefined);
  }

  override dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): boolean {
    if (isThisMachine(options.origin)) return this.near.dispatch(options, handler);
    if (!this.far) throw offlineError();
    return this.far.dispatch(options, handler);
  }

  override async close(): Promise<void> {
    await Promise.all([this.near.close(), this.far?.close()]);
  }

  override async destroy(): Promise<void> {
    await Promise.all([this.near.destroy(), this.far?.destroy()]);
  }
}

function offlineError(): GridError {
  return new GridError('peer_unreachable', 'Lobstah is offline: you closed its way to other machines.');
}

function isThisMachine(origin: string | URL | undefined): boolean {
  if (origin === undefined) return false;
  const { hostname } = new URL(origin);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/.test(hostname);
}
