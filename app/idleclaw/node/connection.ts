import type { IncomingMessage } from 'node:http';
import { WebSocket, type RawData } from 'ws';
import type { EngineModel } from '../../engine/engine.ts';
import { MAX_BODY_BYTES } from '../../http/json-body.ts';
import { hubFrameSchema, LIMITS, NODE_LIMITS, NODE_SOCKET_PATH, OFFER_READ_HEADER, type NodeFrame } from '../frames.ts';
import { retryAfterMs } from '../retry-after.ts';
import { serverName } from '../server-url.ts';
import type { NodeDeps } from './giving.ts';
import { createHubRequests } from './hub-requests.ts';
import type { ConnectionEnd } from './reconnect.ts';
import { OFFERED_LIMITS, offerHeaders, registerFrame, registrable } from './registration.ts';

/** What a hub takes from an agent is what it may send on: a frame that is too large would end the connection for everybody. */
const MAX_FRAME_BYTES = MAX_BODY_BYTES + 1024 * 1024;
/** More than this on its way to a hub, and the engine waits. */
const MAX_BUFFERED_BYTES = 256 * 1024;
/** As many as a hub waits for before it evicts a node. */
const MOST_SILENT_BEATS = LIMITS.evictAfterMs / LIMITS.heartbeatMs;
/** Time for the last words and the closing handshake. */
const CLOSE_MS = 1_000;

export interface NodeConnection {
  /** never rejects */
  readonly ended: Promise<ConnectionEnd>;
  readonly isRegistered: boolean;
  readonly models: readonly string[];
  readonly active: number;
  /** takes nothing new, tells the hub so, and closes after the last answer */
  drain(): void;
  /** ends what runs and closes: a hub lists only nodes that serve */
  close(reason: string): Promise<void>;
}

/** One connection to one hub: registers, answers, beats. A node id lives as long as its connection. */
export function openConnection(
  server: string,
  shared: readonly EngineModel[],
  engineVersion: string,
  deps: NodeDeps,
): NodeConnection {
  const models = registrable(shared);
  // Existing servers unlist a node whose id is registered anew while the old socket is still dying; and an id that stays the
  // same would let servers recognise this machine.
  const nodeId = deps.newNodeId();
  const socket = new WebSocket(`${server.replace(/^http/i, 'ws')}${NODE_SOCKET_PATH}`, {
    headers: offerHeaders(models),
    handshakeTimeout: deps.timing.handshakeMs,
    maxPayload: MAX_FRAME_BYTES,
    followRedirects: false,
  });
  let registeredAtMs: number | undefined;
  let understandsOffer = false;
  let draining = false;
  let closedBy: string | undefined;
  let silentBeats = 0;
  let toldForeign = 0;
  let timer: NodeJS.Timeout | undefined;
  let loadTimer: NodeJS.Timeout | undefined;
  let problem: Omit<ConnectionEnd, 'lastedMs'> | undefined;

  const requests = createHubRequests(
    {
      server,
      from: `IdleClaw ${serverName(server)}`,
      registered: new Set(models.map(({ name }) => name)),
      limits: () => (understandsOffer ? OFFERED_LIMITS : NODE_LIMITS),
      takesNew: () => !draining && closedBy === undefined,
      send,
      onEnd() {
        deps.onChange();
        if (draining && requests.active === 0) void close('the node stops');
      },
    },
    deps,
  );

  function send(frame: NodeFrame): Promise<void> {
    return new Promise((resolve, reject) => {
      if (socket.readyState !== WebSocket.OPEN) return reject(new Error('the hub is gone'));
      const waits = socket.bufferedAmount > MAX_BUFFERED_BYTES;
      socket.send(JSON.stringify(frame), (error) => {
        if (error) reject(error);
        else if (waits) resolve();
      });
      if (!waits) resolve();
    });
  }

  /** The load of the whole machine: places that the grid, another hub or the owner use are not free. */
  function beat(): void {
    const { running, waiting } = deps.giving.load();
    const free = draining ? 0 : Math.max(0, deps.giving.concurrency() - running - waiting);
    toldForeign = foreign();
    void send({ type: 'heartbeat', node_id: nodeId, active_requests: running + waiting, available: free }).catch(
      () => undefined,
    );
  }

  /** what is not this hub's, and what it therefore cannot know */
  function foreign(): number {
    const { running, waiting } = deps.giving.load();
    return running + waiting - requests.active;
  }

  function tick(): void {
    // Not even an answer to three pings: the way to the hub is dead.
    if (silentBeats >= MOST_SILENT_BEATS) return socket.terminate();
    silentBeats += 1;
    socket.ping();
    beat();
  }

  function read(data: RawData, isBinary: boolean): void {
    silentBeats = 0;
    const frame = isBinary ? undefined : parseFrame(data);
    if (!frame) return deps.log.debug({ server }, 'a frame of an IdleClaw server was not understood');
    if (frame.type === 'registered' && registeredAtMs === undefined) {
      registeredAtMs = deps.nowMs();
      clearTimeout(timer);
      timer = setInterval(tick, deps.timing.heartbeatMs);
      loadTimer = setInterval(() => {
        if (foreign() !== toldForeign) beat();
      }, deps.timing.loadMs);
      deps.onChange();
    } else if (frame.type === 'inference_request') requests.begin(frame.request_id, frame.ollama_params);
    else if (frame.type === 'cancel_request') requests.cancel(frame.request_id);
    else if (frame.type === 'error') deps.log.warn({ server, said: frame.message.slice(0, 200) }, 'IdleClaw server');
  }

  socket.on('upgrade', ({ headers }: IncomingMessage) => (understandsOffer = headers[OFFER_READ_HEADER] !== undefined));
  socket.on('open', () => {
    const concurrency = deps.giving.concurrency();
    void send(registerFrame(nodeId, models, { concurrency, engineVersion })).catch(() => undefined);
    timer = setTimeout(() => {
      problem = { kind: 'refused', reason: 'It did not answer the registration.' };
      socket.terminate();
    }, deps.timing.registrationMs);
  });
  socket.on('message', read);
  socket.on('pong', () => (silentBeats = 0));
  socket.on('ping', () => (silentBeats = 0));
  socket.on('unexpected-response', (request, response) => {
    problem = refusalOf(response);
    request.destroy();
    socket.terminate();
  });
  socket.on('error', (error) => (problem ??= { kind: 'unreachable', reason: sentenceOf(error) }));

  const ended = new Promise<ConnectionEnd>((resolve) => {
    socket.on('close', (code, reason) => {
      clearTimeout(timer);
      clearInterval(timer);
      clearInterval(loadTimer);
      requests.cancelAll();
      const lastedMs = registeredAtMs === undefined ? 0 : deps.nowMs() - registeredAtMs;
      resolve({ ...endOf(code, reason.toString('utf8')), lastedMs });
    });
  });

  function endOf(code: number, said: string): Omit<ConnectionEnd, 'lastedMs'> {
    if (closedBy !== undefined) return { kind: 'closed', reason: closedBy };
    if (code === 1008)
      return { kind: 'refused', reason: `It refuses this node: ${said.slice(0, 120) || 'no reason'}.` };
    if (registeredAtMs !== undefined)
      return {
        kind: 'lost',
        reason: said ? `It closed the connection: ${said.slice(0, 120)}.` : 'The connection was lost.',
      };
    return problem ?? { kind: 'unreachable', reason: 'It closed the connection before this node was registered.' };
  }

  async function close(reason: string): Promise<void> {
    if (closedBy !== undefined) return void (await ended);
    closedBy = reason;
    await requests.withdrawAll();
    socket.close(1000, reason.slice(0, 100));
    const late = setTimeout(() => socket.terminate(), CLOSE_MS);
    await ended;
    clearTimeout(late);
  }

  return {
    ended,
    get isRegistered() {
      return registeredAtMs !== undefined && socket.readyState === WebSocket.OPEN;
    },
    models: models.map(({ name }) => name),
    get active() {
      return requests.active;
    },
    drain() {
      draining = true;
      if (requests.active === 0) void close('the node stops');
      else beat();
    },
    close,
  };
}

function parseFrame(data: RawData) {
  try {
    // One text message is one Buffer: binaryType is left at 'nodebuffer'.
    const parsed = hubFrameSchema.safeParse(JSON.parse((data as Buffer).toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
}

function refusalOf({ statusCode, headers }: IncomingMessage): Omit<ConnectionEnd, 'lastedMs'> {
  if (statusCode === 429)
    return {
      kind: 'rate-limited',
      reason: 'It lets this address connect only a few times a minute.',
      retryAfterMs: retryAfterMs(headers['retry-after']),
    };
  if (statusCode !== undefined && statusCode >= 500)
    return { kind: 'unreachable', reason: `It answers with status ${statusCode}.` };
  return {
    kind: 'refused',
    reason: `It is no IdleClaw server: status ${statusCode ?? 'unknown'} at ${NODE_SOCKET_PATH}.`,
  };
}

function sentenceOf(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'Nothing answers at its address.';
  if (error.code === 'ENOTFOUND' || error.code === 'EAI_AGAIN') return 'Its name is not known.';
  return `It cannot be reached (${error.code ?? error.message.slice(0, 80)}).`;
}
