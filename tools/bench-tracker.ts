import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Agent, request } from 'undici';
import { issueAnnouncement } from '../app/protocol/announcement.ts';
import { createSigner, type Signer } from '../app/protocol/ed25519.ts';

/**
 * npm run bench:tracker [-- seconds]: a real tracker process with 10,000 live announcements, then all at once 200 announces,
 * 500 readers with `?since=` or If-None-Match and 5 whole lists a second. Prints latencies and the memory of the tracker.
 */
const PEERS = 10_000;
const SECONDS = Number(process.argv[2] ?? 60);
const LOAD = [
  ['announce', 200],
  ['since / 304', 500],
  ['whole list', 5],
] as const;

const MAIN = join(import.meta.dirname, '../app/cli/main.ts');
const MANY = '1000000';
const child = spawn(
  process.execPath,
  [
    MAIN,
    'tracker',
    'start',
    '--port',
    '0',
    '--max-per-network',
    MANY,
    '--announces-per-minute',
    MANY,
    '--reads-per-minute',
    MANY,
  ],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const url = await new Promise<string>((resolve) => {
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => {
    text += part;
    const found = /tracker +(http:\S+)\n[^]*Ctrl-C/.exec(text)?.[1];
    if (found) resolve(found);
  });
});
const dispatcher = new Agent({ connections: 64, pipelining: 1 });
const signers = Array.from({ length: PEERS }, (_, index) =>
  createSigner(createHash('sha256').update(`peer ${index}`).digest()),
);
const announcedAt = new Map<Signer, number>();

function bodyOf(signer: Signer): string {
  const at = Math.max(Date.now(), (announcedAt.get(signer) ?? 0) + 1);
  announcedAt.set(signer, at);
  const { announcement, signature } = issueAnnouncement(
    {
      url: 'https://mac.example:17474',
      label: 'a Mac',
      models: ['llama3.2:3b', 'qwen3:14b'],
      tier: 'interactive',
      ttlSeconds: 3600,
      announcedAt: at,
    },
    signer,
  );
  return JSON.stringify({ announcement, signature });
}

let tag = '';
const bodies: string[] = [];
const headers = { 'content-type': 'application/json' };
async function ask(kind: (typeof LOAD)[number][0], turn: number): Promise<void> {
  const options =
    kind === 'announce'
      ? { method: 'POST' as const, headers, body: bodies[turn] ?? '' }
      : {
          method: 'GET' as const,
          headers: kind === 'whole list' ? { 'accept-encoding': 'gzip' } : { 'if-none-match': `"${tag}"` },
        };
  const path = { announce: '/announce', 'whole list': '/peers', 'since / 304': `/peers?since=${tag}` }[kind];
  const { statusCode, headers: answered, body } = await request(url + path, { dispatcher, ...options });
  await body.dump({ limit: 1e9 });
  if (statusCode !== 200 && statusCode !== 304) throw new Error(`${kind}: status ${statusCode}`);
  if (kind === 'since / 304' && turn % 50 === 0) tag = String(answered['etag']).replaceAll('"', '');
}

const fillMs = performance.now();
for (let from = 0; from < PEERS; from += 50)
  await Promise.all(
    signers.slice(from, from + 50).map(async (signer) => {
      const { statusCode, body } = await request(`${url}/announce`, {
        dispatcher,
        method: 'POST',
        headers,
        body: bodyOf(signer),
      });
      await body.dump();
      if (statusCode !== 200) throw new Error(`announce: status ${statusCode}`);
    }),
  );
console.log(`${PEERS} announces, one after the other: ${Math.round(PEERS / ((performance.now() - fillMs) / 1000))}/s`);
const first = await request(`${url}/peers`, { dispatcher });
tag = String(first.headers['etag']).replaceAll('"', '');
console.log(`the whole list: ${((await first.body.arrayBuffer()).byteLength / 1e6).toFixed(1)} MB`);
// Signed before, so that the bench does not take the processor from who is measured.
for (let turn = 0; turn < SECONDS * 200; turn += 1) bodies.push(bodyOf(signers[turn % PEERS] as Signer));

const rss = () => Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;
console.log(`memory before the load: ${Math.round(rss() / 1e6)} MB`);
const latencies = new Map<string, number[]>(LOAD.map(([kind]) => [kind, []]));
const running: Promise<void>[] = [];
let peakBytes = 0;
const startedMs = performance.now();
const sent = new Map<string, number>();
while (performance.now() - startedMs < SECONDS * 1000) {
  const passed = (performance.now() - startedMs) / 1000;
  for (const [kind, perSecond] of LOAD)
    for (let turn = sent.get(kind) ?? 0; turn < passed * perSecond; turn += 1) {
      sent.set(kind, turn + 1);
      const askedMs = performance.now();
      running.push(ask(kind, turn).then(() => void latencies.get(kind)?.push(performance.now() - askedMs)));
    }
  peakBytes = Math.max(peakBytes, rss());
  await new Promise((resolve) => setTimeout(resolve, 5));
}
await Promise.all(running);
const took = (performance.now() - startedMs) / 1000;
for (const [kind, all] of latencies) {
  all.sort((a, b) => a - b);
  const at = (share: number) => (all[Math.floor(all.length * share)] ?? 0).toFixed(1);
  console.log(
    `${kind}: ${Math.round(all.length / took)}/s, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(0.9999)} ms`,
  );
}
console.log(`memory of the tracker at its peak: ${Math.round(peakBytes / 1e6)} MB`);
await dispatcher.close();
child.kill('SIGTERM');
