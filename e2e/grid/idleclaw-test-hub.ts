import { randomUUID } from 'node:crypto';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { pino } from 'pino';
import { createHubApp } from '../../app/idleclaw/hub/hub-app.ts';
import type { HubDeps } from '../../app/idleclaw/hub/hub-deps.ts';
import { HUB_LIMITS, type HubLimits } from '../../app/idleclaw/hub/hub-limits.ts';
import { parseKeyRing } from '../../app/idleclaw/hub/key-ring.ts';
import { ManualClock } from '../../app/idleclaw/hub/testing/manual-clock.ts';
import { listen } from '../../app/http/listen.ts';
import { RawNode, type RawNodeOptions } from './idleclaw-raw-node.ts';

export const V1_KEY = 'v1-key-0123456789abcdef';
export const ADMIN_KEY = 'admin-key-0123456789abcdef';

export interface TestHub extends AsyncDisposable {
  readonly url: string;
  readonly clock: ManualClock;
  readonly node: (options?: RawNodeOptions) => Promise<RawNode>;
  drain(limitMs: number): Promise<void>;
}

/** The hub as it is, with a clock that a test turns. Connections and requests are not limited unless a test says so. */
export async function startTestHub(
  over: Partial<Omit<HubDeps, 'limits' | 'clock'>> & { limits?: Partial<HubLimits> } = {},
): Promise<TestHub> {
  const clock = new ManualClock();
  const { limits, ...rest } = over;
  const hub = createHubApp({
    log: pino({ level: 'silent' }),
    clock,
    random: () => 0.99,
    randomUuid: randomUUID,
    limits: { ...HUB_LIMITS, ...limits },
    trustedProxies: [],
    allowedHosts: [],
    allowedOrigins: [],
    v1Keys: parseKeyRing(V1_KEY, 'v1'),
    adminKeys: parseKeyRing(ADMIN_KEY, 'admin'),
    search: undefined,
    probes: false,
    ...rest,
  });
  const server = await listen(hub.app, { host: '127.0.0.1', port: 0 });
  server.server.on('upgrade', hub.upgrade);
  const nodes: RawNode[] = [];
  return {
    url: server.url,
    clock,
    async node(options) {
      const node = await RawNode.register(server.url, options);
      nodes.push(node);
      return node;
    },
    drain: (limitMs) => hub.drain(limitMs),
    async [Symbol.asyncDispose]() {
      for (const node of nodes) node.kill();
      const drained = hub.drain(0);
      await clock.advance(2_000);
      await drained;
      await server.close();
    },
  };
}

export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

export interface RunningRequest {
  readonly answer: Promise<RawAnswer>;
  /** resolves with the status line, before there is any text */
  readonly begun: Promise<void>;
  /** what has come so far */
  readonly text: () => string;
  hangUp(): void;
}

/** A request from any source address, with any header; its answer can be read while it runs. */
export function ask(
  url: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string>; from?: string } = {},
): RunningRequest {
  const body = typeof options.body === 'string' ? options.body : JSON.stringify(options.body);
  let text = '';
  const request = httpRequest(url, {
    method: options.method ?? (options.body === undefined ? 'GET' : 'POST'),
    headers: { ...(options.body === undefined ? {} : { 'content-type': 'application/json' }), ...options.headers },
    localAddress: options.from,
    agent: false,
  });
  const answer = new Promise<RawAnswer>((resolve, reject) => {
    request.on('error', reject);
    request.on('response', (response) => {
      response.setEncoding('utf8');
      response.on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
  });
  answer.catch(() => undefined);
  const begun = new Promise<void>((resolve) => request.once('response', () => resolve()));
  request.end(body);
  return { answer, begun, text: () => text, hangUp: () => request.destroy() };
}

export const chat = (
  hub: TestHub,
  over: object = {},
  options: { headers?: Record<string, string>; from?: string } = {},
) =>
  ask(`${hub.url}/api/chat`, {
    body: { model: 'm', messages: [{ role: 'user', content: 'hello' }], think: false, ...over },
    ...options,
  });

interface Delta {
  content?: string;
  reasoning?: boolean;
  tool_call?: { name: string; status: string };
}

/** The deltas of an answer to /api/chat, in order. */
export function deltasOf(text: string): Delta[] {
  return text
    .split('\r\n\r\n')
    .filter((event) => event.startsWith('data: {'))
    .map((event) => (JSON.parse(event.slice(6)) as { choices: { delta: Delta }[] }).choices[0]?.delta ?? {});
}

export const contentOf = (text: string): string =>
  deltasOf(text)
    .filter(({ reasoning }) => !reasoning)
    .map(({ content }) => content ?? '')
    .join('');
