import { WebSocket, type RawData } from 'ws';
import { retryDelayMs } from '../retry-delay.ts';

const HANDSHAKE_MS = 8_000;
const MAX_MESSAGE_BYTES = 128 * 1024;
/** A relay that is asleep behind an open connection is noticed by its silence. */
const PING_MS = 60_000;
const LONGEST_RETRY_MS = 5 * 60_000;
/** Who closes sooner than this after opening is not well: the next wait is longer. */
const GOOD_AFTER_MS = 30_000;

export interface RelayLinkDeps {
  readonly url: string;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onOpen: () => void;
  readonly onText: (text: string) => void;
  /** it has closed, or could not be opened; it is tried again by itself */
  readonly onDown: (problem: string) => void;
}

/** One connection to one relay, made again when it breaks, until it is closed. */
export interface RelayLink {
  isOpen(): boolean;
  /** @returns false when there is nobody to say it to */
  send(message: readonly unknown[]): boolean;
  close(): void;
}

export function openRelayLink(deps: RelayLinkDeps): RelayLink {
  let socket: WebSocket | undefined;
  let takeBack: () => void = () => undefined;
  let failures = 0;
  let isClosed = false;

  function connect(): void {
    // A compressed message may be a thousand times as large when it is unpacked; a redirect may lead anywhere.
    const next = new WebSocket(deps.url, {
      handshakeTimeout: HANDSHAKE_MS,
      maxPayload: MAX_MESSAGE_BYTES,
      perMessageDeflate: false,
      followRedirects: false,
    });
    socket = next;
    let openedAtMs: number | undefined;
    let isAlive = true;
    let problem = 'The relay cannot be reached.';

    function ping(): void {
      if (!isAlive) {
        problem = 'The relay does not answer any more.';
        next.terminate();
        return;
      }
      isAlive = false;
      next.ping();
      takeBack = deps.after(PING_MS, ping);
    }

    next.on('open', () => {
      openedAtMs = deps.nowMs();
      problem = 'The relay closed the connection.';
      takeBack = deps.after(PING_MS, ping);
      deps.onOpen();
    });
    next.on('pong', () => (isAlive = true));
    next.on('message', (data: RawData, isBinary: boolean) => {
      isAlive = true;
      if (!isBinary && !isClosed) deps.onText(textOf(data));
    });
    next.on('error', (error: NodeJS.ErrnoException) => {
      if (openedAtMs === undefined) problem = sentenceOf(error);
    });
    next.on('close', () => {
      takeBack();
      socket = undefined;
      if (isClosed) return;
      const wasGood = openedAtMs !== undefined && deps.nowMs() - openedAtMs >= GOOD_AFTER_MS;
      failures = wasGood ? 1 : failures + 1;
      takeBack = deps.after(retryDelayMs(failures, LONGEST_RETRY_MS, deps.random), connect);
      deps.onDown(problem);
    });
  }
  connect();

  const isOpen = () => socket?.readyState === WebSocket.OPEN;
  return {
    isOpen,
    send(message) {
      if (!socket || !isOpen()) return false;
      socket.send(JSON.stringify(message));
      return true;
    },
    close() {
      isClosed = true;
      takeBack();
      if (isOpen()) socket?.close();
      else socket?.terminate();
      // A relay that does not answer the goodbye of the connection must not keep it open.
      const closing = socket;
      if (closing) deps.after(1_000, () => closing.terminate());
      socket = undefined;
    },
  };
}

function textOf(data: RawData): string {
  return (Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data as Buffer)).toString('utf8');
}

function sentenceOf({ code, message }: NodeJS.ErrnoException): string {
  if (code === 'ECONNREFUSED') return 'Nothing listens at the address of the relay.';
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'The name in the address of the relay is not known.';
  const status = /Unexpected server response: (\d+)/.exec(message)?.[1];
  if (status) return `The relay refuses the connection with status ${status}.`;
  if (message.includes('handshake has timed out')) return 'The relay does not answer in time.';
  return `The relay cannot be reached (${code ?? 'unknown reason'}).`;
}
