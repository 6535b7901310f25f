import { fork, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { Agent, request, type Dispatcher } from 'undici';
import { createOverlay } from '../app/overlay/overlay.ts';
import { createSigner } from '../app/protocol/ed25519.ts';
import { parseOverlayAddress, requestUrl } from '../app/protocol/overlay-address.ts';
import { bodyOf, CHUNKS } from './bench/workload.ts';

/**
 * npm run bench:overlay: the same worker over a pooled TCP connection and over the overlay, both on loopback. Requests take
 * turns, so that what else the machine does meets both alike; numbers are medians. Then 64 streams at once over one connection.
 */
const { values: options } = parseArgs({ options: { requests: { type: 'string', default: '300' } } });
const requests = Number(options.requests);
const PARALLEL = 64;

const children: ChildProcess[] = [];
const folder = mkdtempSync(join(tmpdir(), 'lobstah-bench-'));

function start(file: string, args: readonly string[]): Promise<{ url: string; address?: string }> {
  const child = fork(join(import.meta.dirname, 'bench', file), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  children.push(child);
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${String(code)}`)));
    child.once('message', (said) => resolve(said as { url: string; address?: string }));
  });
}

interface Way {
  readonly name: string;
  readonly base: string;
  readonly dispatcher: Dispatcher;
}

interface Asked {
  readonly tookMs: number;
  readonly gapsMs: readonly number[];
}

async function ask(way: Way, path: string, body: string | undefined): Promise<Asked> {
  const startMs = performance.now();
  const answer = await request(`${way.base}${path}`, {
    dispatcher: way.dispatcher,
    headers: { 'content-type': 'application/json' },
    ...(body === undefined ? {} : { method: 'POST', body }),
  });
  const gapsMs: number[] = [];
  let lastMs = 0;
  let text = '';
  for await (const part of answer.body.setEncoding('utf8')) {
    const nowMs = performance.now();
    if (lastMs > 0) gapsMs.push(nowMs - lastMs);
    lastMs = nowMs;
    text += part as string;
  }
  // A fast wrong answer is worth nothing.
  if (answer.statusCode !== 200 || (body !== undefined && !text.includes(` token${CHUNKS - 1}`)))
    throw new Error(`${way.name}: status ${answer.statusCode}, ${text.slice(-200)}`);
  return { tookMs: performance.now() - startMs, gapsMs };
}

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
const cell = (value: number, digits = 2, width = 10) => value.toFixed(digits).padStart(width);

async function compare(what: string, ways: readonly [Way, Way], path: string, body: string | undefined): Promise<void> {
  const took = new Map<Way, number[]>(ways.map((way) => [way, []]));
  for (const way of ways) for (let warm = 0; warm < 50; warm += 1) await ask(way, path, body);
  for (let turn = 0; turn < requests; turn += 1)
    for (const way of turn % 2 === 0 ? ways : ways.toReversed())
      took.get(way)?.push((await ask(way, path, body)).tookMs);
  const [tcp, overlay] = ways.map((way) => quantile(took.get(way) ?? [], 0.5)) as [number, number];
  const tail = ways.map((way) => cell(quantile(took.get(way) ?? [], 0.99))).join('');
  console.log(`${what.padEnd(34)}${cell(tcp)}${cell(overlay)}${cell(overlay / tcp)}×${tail}`);
}

async function together(way: Way): Promise<void> {
  const body = bodyOf('paced');
  await ask(way, '/v1/chat/completions', body);
  const asked = await Promise.all(Array.from({ length: PARALLEL }, () => ask(way, '/v1/chat/completions', body)));
  const took = asked.map(({ tookMs }) => tookMs);
  const gaps = asked.flatMap(({ gapsMs }) => gapsMs);
  console.log(
    `${way.name.padEnd(34)}${cell(quantile(took, 0.5), 0)}${cell(Math.max(...took), 0)}${cell(quantile(gaps, 0.5))}${cell(quantile(gaps, 0.999))}`,
  );
}

try {
  const engine = await start('engine-process.ts', []);
  const worker = await start('overlay-worker-process.ts', [join(folder, 'home'), engine.url]);
  const address = parseOverlayAddress(worker.address ?? '');
  if ('problem' in address) throw new Error(address.problem);
  const direct = address.hints.direct.map((at) => at.replace(/^.*:/, '127.0.0.1:'));
  const agent = new Agent({ connections: null, keepAliveTimeout: 60_000 });
  const secretKey = randomBytes(32);
  const overlay = createOverlay({
    ownPubkey: createSigner(secretKey).pubkey,
    secretKey,
    ordinary: agent,
    wish: () => ({ state: 'on', relay: 'none', relayOnly: false, port: 0 }),
    hintsOf: () => ({ relayUrl: undefined, direct: direct.slice(0, 1) }),
    isWelcome: () => true,
    onStream: undefined,
    claim: () => () => undefined,
    nowMs: Date.now,
    onChange: () => undefined,
  });
  await overlay.look();
  const ways: [Way, Way] = [
    { name: 'TCP', base: worker.url, dispatcher: agent },
    { name: 'overlay', base: requestUrl(worker.address ?? '', ''), dispatcher: overlay.dispatcher },
  ];
  console.log(
    `${'one at a time, median ms'.padEnd(34)}${'TCP'.padStart(10)}${'overlay'.padStart(10)}${'factor'.padStart(11)}${'p99 TCP'.padStart(10)}${'p99 over'.padStart(10)}`,
  );
  await compare('GET /pubkey (nothing but the way)', ways, '/pubkey', undefined);
  await compare('GET /capacity', ways, '/capacity', undefined);
  await compare('a chat, whole', ways, '/v1/chat/completions', bodyOf('json'));
  await compare('a chat, 64 chunks at once', ways, '/v1/chat/completions', bodyOf('at once'));
  console.log(
    `\n${`${PARALLEL} paced streams at once, ms`.padEnd(34)}${'median'.padStart(10)}${'slowest'.padStart(10)}${'gap p50'.padStart(10)}${'gap p99.9'.padStart(10)}`,
  );
  for (const way of ways) await together(way);
  const link = overlay.state();
  console.log(`connections of the overlay: ${link.state === 'on' ? link.connections : 0}`);
  await overlay.stop();
  await agent.close();
} finally {
  for (const child of children) {
    child.removeAllListeners('exit');
    child.kill();
  }
  rmSync(folder, { recursive: true, force: true });
}
