import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openLedger } from '../../app/ledger/open-ledger.ts';
import { parsePubkey } from '../../app/protocol/pubkey.ts';
import { createHome, startLobstah, type LobstahProcess } from './lobstah-process.ts';

/** Who is killed, one point after the other: also both at once, as by a power cut. */
const VICTIMS = [['router'], ['worker'], ['worker', 'router']] as const;
/** How many requests are under way when somebody is killed. */
const PARALLEL = 4;

export interface ServersAfterKills {
  /** answers that were acknowledged by `[DONE]` after their entry, and have none */
  readonly lost: string[];
  /** what the router paid for and the worker did not earn */
  readonly unearned: string[];
  readonly problems: readonly unknown[];
  readonly acknowledged: number;
  /** answers that went out before their entry, because the disk took longer than 250 ms: the log names them */
  readonly late: number;
  readonly spent: number;
}

interface Killed {
  readonly points: number;
  /** an Ollama with the model 'm' */
  readonly ollamaUrl: string;
  /** worker and router write the same ledger */
  readonly oneHome: boolean;
  readonly seed: number;
}

/**
 * A worker and a router in processes of their own, with requests under way without a pause; at each point one of the two, or
 * both, are killed and started again on their homes.
 */
export async function killServers({ points, ollamaUrl, oneHome, seed }: Killed): Promise<ServersAfterKills> {
  const env = { OLLAMA_HOST: ollamaUrl, LOBSTAH_ENGINE: 'ollama', LOBSTAH_LOG: 'warn' };
  const workerHome = createHome();
  const routerHome = oneHome ? workerHome : createHome();
  const generous = { worker: { giftTokensPerDay: 1_000_000_000, concurrency: 8, maxQueue: 100 } };
  writeFileSync(join(workerHome, 'settings.json'), JSON.stringify(generous));
  let worker = await startLobstah(['worker', 'start'], { home: workerHome, env });
  const workerArgs = ['worker', 'start', '--port', new URL(worker.workerUrl).port];
  if (!oneHome)
    writeFileSync(join(routerHome, 'peers.json'), JSON.stringify([{ pubkey: worker.pubkey, url: worker.workerUrl }]));
  let router = await startLobstah(['router', 'start'], { home: routerHome, env });
  const routerArgs = ['router', 'start', '--port', new URL(router.routerUrl).port];

  const acknowledged = new Set<string>();
  const stop = pour(router.routerUrl, acknowledged);
  const random = randomFrom(seed);
  const restart = async (role: 'worker' | 'router') => {
    if (role === 'worker') worker = await startLobstah(workerArgs, { home: workerHome, env });
    else router = await startLobstah(routerArgs, { home: routerHome, env });
  };
  for (let point = 0; point < points; point += 1) {
    // Traffic flows when something was acknowledged; after the worker alone was killed it may not, until the router believes in it.
    await grown(acknowledged, acknowledged.size + 1);
    await wait(random() * 60);
    const victims = VICTIMS[point % VICTIMS.length] ?? [];
    await Promise.all(victims.map((role) => (role === 'worker' ? worker : router).kill()));
    await Promise.all(victims.map(restart));
  }
  await stop();
  await Promise.all([worker.stop(), router.stop()]);

  const late = lateJobs(routerHome);
  const spent = await readBooks(router);
  const earned = oneHome ? spent : await readBooks(worker);
  return {
    lost: [...acknowledged].filter((job) => !spent.jobs.has(job) && !late.has(job)),
    unearned: [...spent.jobs].filter((job) => !earned.jobs.has(job)),
    problems: oneHome ? spent.problems : [...spent.problems, ...earned.problems],
    acknowledged: acknowledged.size,
    late: late.size,
    spent: spent.jobs.size,
  };
}

/** Posts until told to stop; keeps the job ids whose answers came whole: those were acknowledged by `[DONE]`. */
function pour(api: string, acknowledged: Set<string>): () => Promise<void> {
  let stopped = false;
  const loops = Array.from({ length: PARALLEL }, async () => {
    while (!stopped) {
      const job = await ask(api);
      if (job) acknowledged.add(job);
      else await wait(20);
    }
  });
  return async () => {
    stopped = true;
    await Promise.all(loops);
  };
}

/** @returns the job id of an answer that came whole */
async function ask(api: string): Promise<string | undefined> {
  const request = httpRequest(`${api}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });
  request.end(JSON.stringify({ model: 'm', stream: true, messages: [{ role: 'user', content: 'hello' }] }));
  let text = '';
  try {
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.setEncoding('utf8');
    for await (const part of response) text += part;
    const job = response.headers['x-lobstah-job'];
    return text.endsWith('data: [DONE]\n\n') && typeof job === 'string' ? job : undefined;
  } catch {
    return undefined; // killed in the middle
  }
}

async function grown(set: ReadonlySet<string>, size: number): Promise<void> {
  for (let tries = 0; set.size < size && tries < 150; tries += 1) await wait(10);
}

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1103515245 + 12345) % 2 ** 31) / 2 ** 31;
}

function lateJobs(home: string): Set<string> {
  const file = join(home, 'logs', 'lobstah.log');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return new Set([...text.matchAll(/"jobId":"([0-9a-f]{64})"[^\n]*the ledger is slow/g)].map(([, job = '']) => job));
}

async function readBooks(of: LobstahProcess): Promise<{ jobs: Set<string>; problems: readonly unknown[] }> {
  const ownPubkey = parsePubkey(of.pubkey);
  if (!ownPubkey) throw new Error('no key');
  const ledger = await openLedger({ file: join(of.home, 'ledger.sqlite'), ownPubkey });
  try {
    const { problems } = await ledger.verify();
    const entries = ledger.entries({ limit: 1_000_000 }).filter(({ kind }) => kind !== 'disputed');
    const jobs = new Set(entries.map(({ jobId }) => jobId));
    const twice = jobs.size === entries.length ? [] : ['a job is there twice'];
    return { jobs, problems: [...problems, ...twice] };
  } finally {
    await ledger.close();
  }
}
