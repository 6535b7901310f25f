/**
 * A hub under load, as its own process: `npm run bench:hub [seconds] [nodes] [chats]` (60, 300, 100).
 * Nodes and consumers run in this process, so their clocks are one: each piece of an answer carries the time at which the node
 * sent it. Every answer is checked piece by piece: nothing lost, nothing twice, nothing of somebody else's. Then the hub is
 * killed and started again, and the time is taken until all nodes are back.
 * Nodes and consumers get addresses of their own through a forwarded-for header, so the hub runs with the limits it always has.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { WebSocket } from 'ws';

const [seconds = 60, nodeTotal = 300, parallelChats = 100] = process.argv.slice(2).map(Number);
const PIECES = 100;
/** what a good machine says: 25 tokens a second */
const PIECE_MS = 40;
const P99_LIMIT_MS = 20;
const BACK_LIMIT_MS = 15_000;
const MAIN = join(import.meta.dirname, '../app/cli/main.ts');

const home = mkdtempSync(join(tmpdir(), 'lobstah-bench-hub-'));
const requestMs: number[] = [];
const pieceMs: number[] = [];
let wrong = 0;
let answers = 0;
let stopping = false;

function say(what: string, value: number | string, unit = ''): void {
  const text = typeof value === 'number' ? value.toLocaleString('en', { maximumFractionDigits: 2 }) : value;
  console.log(`${what.padEnd(52)}${text.padStart(12)} ${unit}`);
}

function percentile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

function startHub(port: number): Promise<{ child: ChildProcess; port: number }> {
  const args = ['hub', 'start', '--port', String(port), '--behind-proxy', '127.0.0.1', '--no-probes'];
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { PATH: process.env['PATH'], LOBSTAH_HOME: home, NO_COLOR: '1', LOBSTAH_LOG: 'warn' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`the hub ended with ${code}: ${text}`)));
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      const [, found] = /hub +http:\S+:(\d+)/.exec(text) ?? [];
      if (found && text.includes('Ctrl-C stops')) resolve({ child, port: Number(found) });
    });
  });
}

/** Three nodes to an address, as the limits have it. */
const addressOf = (index: number) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255}`;

function startNode(index: number, port: number): void {
  const nodeId = randomUUID();
  let failures = 0;
  const connect = () => {
    if (stopping) return;
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ws/node`, {
      headers: { 'x-forwarded-for': addressOf(Math.floor(index / 3)) },
    });
    const beat = setInterval(() => {
      if (socket.readyState === WebSocket.OPEN)
        socket.send(JSON.stringify({ type: 'heartbeat', node_id: nodeId, active_requests: 0, available: 4 }));
    }, 15_000);
    socket.on('open', () => {
      failures = 0;
      const models = [{ name: 'm', size: 1 }];
      socket.send(
        JSON.stringify({ type: 'register', node_id: nodeId, models, max_concurrent: 4, ollama_version: '0' }),
      );
    });
    socket.on('message', (bytes: Buffer) => onFrame(socket, bytes));
    socket.on('error', () => undefined);
    socket.on('close', () => {
      clearInterval(beat);
      failures += 1;
      setTimeout(connect, Math.random() * Math.min(8_000, 1_000 * 2 ** failures));
    });
  };
  connect();
}

interface HubFrame {
  type: string;
  request_id: string;
  ollama_params: { messages: { content: string }[] };
}

function onFrame(socket: WebSocket, bytes: Buffer): void {
  const frame = JSON.parse(bytes.toString('utf8')) as HubFrame;
  if (frame.type !== 'inference_request') return;
  const [chatId = '', sentAt = ''] = (frame.ollama_params.messages[0]?.content ?? '').split(' ');
  requestMs.push(performance.now() - Number(sentAt));
  let piece = 0;
  const timer = setInterval(() => {
    const content = `${chatId}:${piece}:${performance.now().toFixed(2)} `;
    piece += 1;
    const done = piece === PIECES;
    const chunk = { message: { role: 'assistant', content }, done, ...(done ? { done_reason: 'stop' } : {}) };
    if (socket.readyState === WebSocket.OPEN)
      socket.send(JSON.stringify({ type: 'inference_chunk', request_id: frame.request_id, chunk }));
    if (done || socket.readyState !== WebSocket.OPEN) clearInterval(timer);
  }, PIECE_MS);
}

let chatNumber = 0;
const agent = new Agent({ keepAlive: true });

/** One consumer's chat. Each has an address of its own. */
function chat(port: number): Promise<void> {
  const number = chatNumber++;
  const chatId = `c${number}`;
  let next = 0;
  let pending = '';
  let ended = false;
  return new Promise((resolve) => {
    const finish = () => {
      answers += 1;
      if (next !== PIECES || !ended) wrong += 1;
      resolve();
    };
    const post = request(
      `http://127.0.0.1:${port}/api/chat`,
      {
        method: 'POST',
        agent,
        headers: {
          'content-type': 'application/json',
          'x-forwarded-for': `172.16.${(number >> 8) & 255}.${number & 255}`,
        },
      },
      (response) => {
        response.setEncoding('utf8');
        response.on('data', (part: string) => {
          const arrivedAt = performance.now();
          const events = (pending + part).split('\r\n\r\n');
          pending = events.pop() ?? '';
          for (const event of events) {
            if (event === 'data: [DONE]') ended = true;
            if (!event.startsWith('data: {')) continue;
            const { choices } = JSON.parse(event.slice(6)) as { choices: { delta: { content: string } }[] };
            const [from, piece, sentAt] = (choices[0]?.delta.content ?? '').split(':');
            if (from !== chatId || Number(piece) !== next) wrong += 1;
            next += 1;
            pieceMs.push(arrivedAt - Number(sentAt));
          }
        });
        response.on('end', finish);
        response.on('error', finish);
      },
    );
    post.on('error', finish);
    const content = `${chatId} ${performance.now()}`;
    post.end(JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] }));
  });
}

async function lane(port: number, untilMs: number): Promise<void> {
  // Not all in the same millisecond: people do not begin together.
  await new Promise((resolve) => setTimeout(resolve, Math.random() * PIECES * PIECE_MS));
  while (performance.now() < untilMs) await chat(port);
}

async function hubMetric(port: number, name: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`, {
    headers: { 'x-forwarded-for': addressOf(Math.floor(Math.random() * 65_000)) },
  });
  return Number(new RegExp(`^${name} (\\S+)`, 'm').exec(await response.text())?.[1]);
}

async function allNodesBack(port: number): Promise<number> {
  const startMs = performance.now();
  while ((await hubMetric(port, 'idleclaw_hub_nodes').catch(() => 0)) < nodeTotal) {
    if (performance.now() - startMs > 60_000) return Number.NaN;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return performance.now() - startMs;
}

let hub = await startHub(0);
const { port } = hub;
try {
  for (let index = 0; index < nodeTotal; index += 1) startNode(index, port);
  say(`${nodeTotal} nodes connected after`, (await allNodesBack(port)) / 1_000, 's');
  say('memory of the hub, idle', (await hubMetric(port, 'idleclaw_hub_resident_memory_bytes')) / 2 ** 20, 'MB');
  const loop = monitorEventLoopDelay({ resolution: 5 });
  loop.enable();
  const cpuBefore = await hubMetric(port, 'idleclaw_hub_cpu_seconds');
  const startMs = performance.now();
  await Promise.all(Array.from({ length: parallelChats }, () => lane(port, startMs + seconds * 1_000)));
  loop.disable();
  const took = (performance.now() - startMs) / 1_000;
  say(`${parallelChats} parallel chats for`, took, 's');
  const cpu = (await hubMetric(port, 'idleclaw_hub_cpu_seconds')) - cpuBefore;
  say(
    'processor time of the hub',
    (cpu / took) * 100,
    `% of a core, ${((cpu / pieceMs.length) * 1e6).toFixed(0)} µs a piece`,
  );
  say('answers', answers);
  say('pieces', pieceMs.length, `(${Math.round(pieceMs.length / took)} a second)`);
  say('lost, twice or crossed', wrong);
  say('request: consumer to node, p50', percentile(requestMs, 0.5), 'ms');
  say('                           p99', percentile(requestMs, 0.99), 'ms');
  say('piece: node to consumer, p50', percentile(pieceMs, 0.5), 'ms');
  say('                         p99', percentile(pieceMs, 0.99), 'ms');
  say('(of it this process itself was late, p99 - 5', loop.percentile(99) / 1e6 - 5, 'ms)');
  say('memory of the hub, after', (await hubMetric(port, 'idleclaw_hub_resident_memory_bytes')) / 2 ** 20, 'MB');
  hub.child.removeAllListeners('exit');
  hub.child.kill('SIGKILL');
  hub = await startHub(port);
  const backMs = await allNodesBack(port);
  say(`killed and started again: all ${nodeTotal} nodes back after`, backMs / 1_000, 's');
  const p99 = Math.max(percentile(requestMs, 0.99), percentile(pieceMs, 0.99));
  const held = wrong === 0 && p99 < P99_LIMIT_MS && backMs < BACK_LIMIT_MS;
  console.log(
    held ? 'held' : `NOT held: p99 < ${P99_LIMIT_MS} ms, nothing wrong, back within ${BACK_LIMIT_MS / 1_000} s`,
  );
  process.exitCode = held ? 0 : 1;
} finally {
  stopping = true;
  hub.child.removeAllListeners('exit');
  hub.child.kill('SIGKILL');
  rmSync(home, { recursive: true, force: true });
}
process.exit();
