import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { GridError } from '../protocol/errors.ts';
import { closeSlowClients, SLOW_CLIENT_LIMITS } from './slow-clients.ts';

/** A peer that has not sent its headers by then is closed (slow loris); checked every CHECK_MS. */
const HEADERS_TIMEOUT_MS = 8_000;
/** Also what an idle Lobstah wakes up for, so not more often than this. */
const CHECK_MS = 5_000;
/** The whole request, body included: 32 MB of images over a slow line. */
const REQUEST_TIMEOUT_MS = 120_000;
/** Longer than any client keeps an idle connection, so that the client closes first and no request meets a closing socket. */
const KEEP_ALIVE_MS = 65_000;

const SWEEP_MS = 50;

export interface RunningServer {
  readonly url: string;
  readonly host: string;
  readonly port: number;
  readonly server: Server;
  /** Takes no new connections, lets running answers end for at most `drainMs`, then closes what is left. */
  close(drainMs?: number): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** @throws GridError port_taken naming the port; invalid_argument for an address this machine does not have */
export async function listen(
  handler: RequestListener,
  at: { host: string; port: number },
  limits = SLOW_CLIENT_LIMITS,
): Promise<RunningServer> {
  const server = createServer(
    { connectionsCheckingInterval: CHECK_MS, headersTimeout: HEADERS_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    handler,
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const sockets = trackBusySockets(server);
  closeSlowClients(server, sockets.isIdle, limits);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, at)));
    server.listen(at.port, at.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const shownHost = at.host === '0.0.0.0' || at.host === '::' ? '127.0.0.1' : at.host;
  const close = (drainMs = 0) => drain(server, sockets, drainMs);
  return {
    url: `http://${shownHost.includes(':') ? `[${shownHost}]` : shownHost}:${port}`,
    host: at.host,
    port,
    server,
    close,
    [Symbol.asyncDispose]: () => close(),
  };
}

interface BusySockets {
  closeIdle(): void;
  isIdle(socket: Socket): boolean;
  /** No connection is left, those of the overlay included, which Node does not count. */
  gone(): Promise<void>;
}

/** Which sockets have a request under way. Node's own list misses connections that never sent one: those would be waited for. */
function trackBusySockets(server: Server): BusySockets {
  const busy = new Map<Socket, number>();
  let allGone: (() => void) | undefined;
  server.on('connection', (socket) => {
    busy.set(socket, 0);
    socket.once('close', () => leave(socket));
  });
  // From then on it is a WebSocket: whoever took it closes it.
  server.on('upgrade', ({ socket }) => leave(socket));
  server.on('request', ({ socket }, response) => {
    busy.set(socket, (busy.get(socket) ?? 0) + 1);
    response.once('close', () => {
      if (busy.has(socket)) busy.set(socket, (busy.get(socket) ?? 1) - 1);
    });
  });
  function leave(socket: Socket): void {
    busy.delete(socket);
    if (busy.size === 0) allGone?.();
  }
  return {
    gone: () =>
      new Promise((resolve) => {
        allGone = resolve;
        if (busy.size === 0) resolve();
      }),
    isIdle: (socket) => busy.get(socket) === 0,
    closeIdle() {
      for (const [socket, requests] of busy) if (requests === 0) socket.destroy();
    },
  };
}

async function drain(server: Server, sockets: Pick<BusySockets, 'closeIdle' | 'gone'>, drainMs: number): Promise<void> {
  if (!server.listening) return;
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  sockets.closeIdle();
  // A kept-alive connection becomes idle when its running answer ends, and nobody tells.
  const sweep = setInterval(() => sockets.closeIdle(), SWEEP_MS);
  const timer = setTimeout(() => server.closeAllConnections(), drainMs);
  await closed;
  await sockets.gone();
  clearInterval(sweep);
  clearTimeout(timer);
}

function listenError(error: NodeJS.ErrnoException, at: { host: string; port: number }): GridError {
  if (error.code === 'EADDRINUSE')
    return new GridError('port_taken', `Port ${at.port} on ${at.host} is in use by another program.`, {
      details: { port: at.port, host: at.host },
      cause: error,
    });
  if (error.code === 'EACCES')
    return new GridError('port_taken', `Port ${at.port} may only be opened by an administrator.`, { cause: error });
  return new GridError('invalid_argument', `Cannot listen on ${at.host}:${at.port} (${error.code ?? error.message}).`, {
    cause: error,
  });
}
