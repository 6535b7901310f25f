import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** How long a client may keep a connection without anything happening on it, in ms. */
export interface SlowClientLimits {
  /** in which a body must grow by MIN_BODY_BYTES: dripped bodies hold connections as dripped headers do */
  readonly bodyMs: number;
  /** in which a client must take at least something of what waits for it; until then its peer waits too */
  readonly readMs: number;
}

export const SLOW_CLIENT_LIMITS: SlowClientLimits = { bodyMs: 10_000, readMs: 60_000 };

/** The slowest line that is fit for anything brings this in ten seconds. */
const MIN_BODY_BYTES = 1_024;

/**
 * Ends connections of clients that send or take next to nothing. Who only waits, for a first token or for one JSON answer, is
 * left alone: there it is not the client that is slow.
 */
export function closeSlowClients(server: Server, isIdle: (socket: Socket) => boolean, limits: SlowClientLimits): void {
  server.on('request', (request, response) => {
    const { socket } = request;
    let seen = socket.bytesRead;
    const stop = () => clearInterval(timer);
    const timer = setInterval(() => {
      if (request.complete) return stop();
      // A body that nobody reads is not the client's fault.
      if (socket.isPaused()) return;
      // Written so that a socket that does not count (a connection over another transport) is left alone.
      if (!(socket.bytesRead - seen < MIN_BODY_BYTES)) {
        seen = socket.bytesRead;
        return;
      }
      stop();
      if (response.headersSent) socket.destroy();
      else socket.end('HTTP/1.1 408 Request Timeout\r\nconnection: close\r\n\r\n', () => socket.destroy());
    }, limits.bodyMs);
    request.once('end', stop);
    response.once('close', stop);
  });
  // Node counts bytes that the system took from a write under way as life, so this is a reader that takes nothing at all.
  server.setTimeout(limits.readMs, (socket) => {
    // With a listener Node closes nothing by itself any more, kept-alive connections that became idle included.
    if (socket.writableLength > 0 || isIdle(socket)) socket.destroy();
  });
}
