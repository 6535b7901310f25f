import { lookup } from 'node:dns/promises';
import { connect, isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { Agent, request } from 'undici';
import type { Peer } from '../../peers/peer.ts';
import { parseCapacity, type Capacity } from '../../protocol/capacity.ts';

/** The way to a peer, in the order in which a request goes it. */
export const PEER_STEPS = ['dns', 'tcp', 'tls', 'http', 'capacity', 'key'] as const;
export type PeerStep = (typeof PEER_STEPS)[number];

export interface PeerExamination {
  /** the first step that failed; undefined when all are good */
  readonly failedAt: PeerStep | undefined;
  readonly message: string;
  readonly hint: string | null;
  /** the peer's clock less ours, in ms, to about a second */
  readonly clockOffsetMs: number | undefined;
}

const DNS_MS = 5_000;
const CONNECT_MS = 5_000;
const ANSWER_MS = 5_000;
const MAX_CAPACITY_BYTES = 1024 * 1024;

class StepFailed extends Error {
  readonly step: PeerStep;
  readonly hint: string;

  constructor(step: PeerStep, message: string, hint: string, cause?: unknown) {
    super(message, { cause });
    this.step = step;
    this.hint = hint;
  }
}

/** Goes the way to a peer step by step and stops at the first that fails. Never throws. */
export async function examinePeer(peer: Peer, nowMs: () => number): Promise<PeerExamination> {
  let clockOffsetMs: number | undefined;
  try {
    const url = new URL(peer.url);
    const host = url.hostname.replace(/^\[|\]$/g, '');
    const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
    await resolveName(host);
    await connectTcp(host, port);
    if (url.protocol === 'https:') await shakeHands(host, port);
    const startedMs = performance.now();
    const answer = await getCapacity(peer.url);
    const tookMs = performance.now() - startedMs;
    // The header is cut to whole seconds: half of one more is the best guess.
    if (answer.dateMs !== undefined) clockOffsetMs = answer.dateMs + 500 - (nowMs() - tookMs / 2);
    const capacity = capacityOf(answer);
    if (capacity.pubkey !== peer.pubkey)
      throw new StepFailed(
        'key',
        `Somebody else answers there: the key is ${capacity.pubkey.slice(0, 12)}…, not ${peer.pubkey.slice(0, 12)}….`,
        'Ask its owner for the key and address of today, then remove this peer and add it anew.',
      );
    return { failedAt: undefined, message: goodWords(capacity, tookMs), hint: null, clockOffsetMs };
  } catch (thrown) {
    const failed =
      thrown instanceof StepFailed
        ? thrown
        : new StepFailed('http', `It cannot be asked (${codeOf(thrown)}).`, 'Try again in a moment.', thrown);
    return { failedAt: failed.step, message: failed.message, hint: failed.hint, clockOffsetMs };
  }
}

async function resolveName(host: string): Promise<void> {
  if (isIP(host)) return;
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new Error('no answer in time')), DNS_MS);
    });
    await Promise.race([lookup(host), late]);
  } catch (error) {
    throw new StepFailed(
      'dns',
      `The name '${host}' is not known (${codeOf(error)}).`,
      host.endsWith('.local')
        ? 'Names on .local are known on the same network only, and while that Mac is awake.'
        : 'Look for a typing mistake in the address, or use the IP address.',
      error,
    );
  } finally {
    clearTimeout(timer);
  }
}

function connectTcp(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, timeout: CONNECT_MS });
    const fail = (why: string, hint: string, error?: Error) => {
      socket.destroy();
      reject(new StepFailed('tcp', `Nothing can be connected at ${host}, port ${port}: ${why}.`, hint, error));
    };
    socket.once('connect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () =>
      fail('no answer', 'The machine is asleep or off, or a firewall on the way drops the connection.'),
    );
    socket.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'ECONNREFUSED')
        return fail(
          'the machine is there, but nothing listens',
          'Its worker is not running, listens on another port, or on 127.0.0.1 only (start it with --host).',
          error,
        );
      return fail(
        codeOf(error),
        'There is no way to that network: is the VPN or the Wi-Fi it needs switched on?',
        error,
      );
    });
  });
}

function shakeHands(host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connectTls({ host, port, timeout: CONNECT_MS, ...(isIP(host) ? {} : { servername: host }) });
    const fail = (message: string, hint: string, error?: Error) => {
      socket.destroy();
      reject(new StepFailed('tls', message, hint, error));
    };
    socket.once('secureConnect', () => {
      socket.destroy();
      resolve();
    });
    socket.once('timeout', () => fail('It does not speak TLS.', "Try the address with 'http://'."));
    socket.once('error', (error: NodeJS.ErrnoException) => {
      const code = codeOf(error);
      if (/WRONG_VERSION_NUMBER|EPROTO|ECONNRESET/.test(code))
        return fail(`It does not speak TLS (${code}).`, "Try the address with 'http://'.", error);
      return fail(
        `Its certificate is not accepted (${code}).`,
        'Its owner has to renew it, or to use a name that it is for.',
        error,
      );
    });
  });
}

interface CapacityAnswer {
  readonly status: number;
  readonly text: string;
  readonly dateMs: number | undefined;
}

async function getCapacity(url: string): Promise<CapacityAnswer> {
  // Of its own, so that no connection is left behind.
  const dispatcher = new Agent({ connect: { timeout: CONNECT_MS } });
  try {
    const { statusCode, headers, body } = await request(`${url}/capacity`, {
      dispatcher,
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    let text = '';
    for await (const part of body.setEncoding('utf8')) {
      text += part as string;
      if (text.length > MAX_CAPACITY_BYTES) throw new Error('more than 1 MB');
    }
    const dateMs = Date.parse(String(headers['date']));
    return { status: statusCode, text, dateMs: Number.isNaN(dateMs) ? undefined : dateMs };
  } catch (error) {
    const late = error instanceof Error && error.name === 'TimeoutError';
    throw new StepFailed(
      'http',
      late ? 'It takes the connection but does not answer.' : `It does not speak HTTP there (${codeOf(error)}).`,
      late
        ? 'The program there hangs, or is no Lobstah.'
        : url.startsWith('http:')
          ? "Is it the right port? If it is behind TLS, the address begins with 'https://'."
          : 'Is it the right port?',
      error,
    );
  } finally {
    await dispatcher.destroy();
  }
}

function capacityOf({ status, text }: CapacityAnswer): Capacity {
  if (status === 403)
    throw new StepFailed(
      'capacity',
      'It does not answer to the name in the address (status 403).',
      'Its owner has to start it with --allow-host and that name.',
    );
  if (status !== 200)
    throw new StepFailed(
      'capacity',
      `It answers with status ${status}.`,
      'Is it the right port? A router is no worker.',
    );
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    json = undefined;
  }
  const capacity = parseCapacity(json);
  if (!capacity)
    throw new StepFailed('capacity', 'What answers there is no Lobstah worker.', 'Is it the right address and port?');
  return capacity;
}

function goodWords({ models, sharing }: Capacity, tookMs: number): string {
  const took = `answers in ${Math.max(1, Math.round(tookMs))} ms`;
  if (sharing === 'paused') return `${took}, but is not sharing right now`;
  return `${took}, ${models.length === 1 ? '1 model' : `${models.length} models`}`;
}

function codeOf(error: unknown): string {
  const { code, message, cause } = (error ?? {}) as { code?: string; message?: string; cause?: unknown };
  if (code !== undefined) return code;
  return cause === undefined ? (message ?? 'unknown reason') : codeOf(cause);
}
