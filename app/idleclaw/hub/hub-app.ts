import { STATUS_CODES, type IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import express, { type Express } from 'express';
import { WebSocketServer } from 'ws';
import { errorHandler, notFound, type ErrorShape } from '../../http/error-handler.ts';
import { hostGuard, originGuard } from '../../http/guard.ts';
import { MAX_BODY_BYTES, rawJsonBody } from '../../http/json-body.ts';
import { ERRORS, GridError } from '../../protocol/errors.ts';
import { CLOSE, NODE_OFFER_HEADER, NODE_SOCKET_PATH, OFFER_READ_HEADER } from '../frames.ts';
import { adminPage, adminState } from './admin.ts';
import { chat } from './chat.ts';
import type { Clock } from './clock.ts';
import { crossOrigin, keyDoor, rateDoor, tooManyRequests } from './doors.ts';
import { Hub } from './hub.ts';
import type { HubDeps } from './hub-deps.ts';
import { serveNode } from './node-socket.ts';
import { startProbes } from './probe.ts';
import { parseOffer } from './registration.ts';
import { v1Chat } from './v1-chat.ts';
import { health, metrics, models, v1Models } from './views.ts';

/** 100,000 characters of up to six bytes (\uXXXX), and the JSON around them. */
const MAX_CHAT_BYTES = 1024 * 1024;
/** One chunk of an answer; what a deflated frame becomes counts, not what crossed the wire. */
const MAX_FRAME_BYTES = 1024 * 1024;

const GOODBYE_MS = 1_000;

export interface HubApp {
  readonly app: Express;
  /** for the server's 'upgrade' event */
  readonly upgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  /** Takes nothing new, lets running answers end for at most `limitMs`, then tells the nodes (1001) to come back later. */
  drain(limitMs: number): Promise<void>;
}

/** The routing server. Opens no port. */
export function createHubApp(deps: HubDeps): HubApp {
  const hub = new Hub(deps);
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_FRAME_BYTES,
    // Small frames are not worth the work; contexts that are kept would cost 300 kB a node.
    perMessageDeflate: {
      threshold: 4_096,
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      zlibDeflateOptions: { level: 3, memLevel: 7 },
    },
  });
  const stopProbes = deps.probes ? startProbes(hub) : () => undefined;
  return {
    app: createRoutes(hub),
    upgrade: createUpgrade(hub, sockets),
    async drain(limitMs) {
      hub.draining = true;
      stopProbes();
      // Nodes stay until the last answer: a tool round or a failover may still need another of them.
      let cancel: () => void = () => undefined;
      const limit = new Promise<void>((resolve) => (cancel = deps.clock.after(limitMs, resolve)));
      await Promise.race([hub.noAnswersRunning(), limit]);
      cancel();
      hub.stop();
      await closeSockets(sockets, deps.clock);
    },
  };
}

function createRoutes(hub: Hub): Express {
  const { allowedHosts, allowedOrigins, v1Keys, adminKeys, log } = hub.deps;
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(hostGuard(allowedHosts), originGuard(allowedOrigins));
  app.use('/api', crossOrigin(allowedOrigins));

  app.post('/api/chat', rateDoor(hub, hub.chatRate, 'chats'), rawJsonBody(MAX_CHAT_BYTES), chat(hub));
  if (v1Keys) {
    app.use('/v1', keyDoor(hub, v1Keys, 'Lobstah hub'));
    app.get('/v1/models', v1Models(hub));
    app.post('/v1/chat/completions', rawJsonBody(MAX_BODY_BYTES), v1Chat(hub));
  }
  app.use(rateDoor(hub, hub.otherRate, 'requests'));
  app.get('/health', health(hub));
  app.get('/api/models', models(hub));
  app.get('/metrics', metrics(hub));
  if (adminKeys) {
    app.use('/admin', keyDoor(hub, adminKeys, 'Lobstah hub: admin'));
    app.get('/admin', adminPage(hub));
    app.get('/admin/state', adminState(hub));
  }
  app.use(notFound);
  app.use(errorHandler({ shapeOf, onUnexpected: (error) => log.error({ err: error }, 'unexpected error') }));
  return app;
}

const shapeOf = (path: string): ErrorShape => (path.startsWith('/v1/') ? 'openai' : 'detail');

function createUpgrade(hub: Hub, sockets: WebSocketServer): HubApp['upgrade'] {
  const { allowedHosts, allowedOrigins, clock } = hub.deps;
  sockets.on('headers', (headers, { headers: asked }) => {
    if (asked[NODE_OFFER_HEADER] !== undefined) headers.push(`${OFFER_READ_HEADER}: 1`);
  });
  const guards = [hostGuard(allowedHosts), originGuard(allowedOrigins)];
  return (request, socket, head) => {
    socket.on('error', () => undefined);
    try {
      if (hub.draining) throw new GridError('shutting_down');
      for (const guard of guards) void guard(request as never, undefined as never, () => undefined);
      if (new URL(request.url ?? '', 'http://hub').pathname !== NODE_SOCKET_PATH) throw new GridError('not_found');
      const address = hub.addressOf(request);
      const wait = hub.socketRate.take(address, clock.nowMs());
      if (wait > 0) throw tooManyRequests(hub, 'connections of nodes', wait);
      const offer = parseOffer(request.headers[NODE_OFFER_HEADER]);
      sockets.handleUpgrade(request, socket, head, (webSocket) => serveNode(hub, webSocket, { address, offer }));
    } catch (thrown) {
      refuseUpgrade(
        socket,
        thrown instanceof GridError ? thrown : new GridError('bad_request', undefined, { cause: thrown }),
      );
    }
  };
}

/** No response object exists for an upgrade: the same row of the error table in bytes. */
function refuseUpgrade(socket: Duplex, error: GridError): void {
  const { status } = ERRORS[error.code];
  const { detail, retryAfterSeconds } = error.details;
  const body = JSON.stringify({ detail: detail ?? `${error.message} ${error.hint}` });
  const headers = [
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
    ...(typeof retryAfterSeconds === 'number' ? [`retry-after: ${retryAfterSeconds}`] : []),
  ];
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.join('\r\n')}\r\n\r\n${body}`);
}

/** Also those that never registered; who does not say goodbye in turn is not waited for. */
async function closeSockets(sockets: WebSocketServer, clock: Clock): Promise<void> {
  const closed = Promise.all(
    [...sockets.clients].map(async (socket) => {
      socket.close(CLOSE.goingAway.code, CLOSE.goingAway.reason);
      if (socket.readyState !== socket.CLOSED) await new Promise((resolve) => socket.once('close', resolve));
    }),
  );
  const cancel = clock.after(GOODBYE_MS, () => {
    for (const socket of sockets.clients) socket.terminate();
  });
  await closed;
  cancel();
}
