import type { Command } from 'commander';
import { keepYoungHeapSmall } from '../../runtime/young-heap.ts';
import { startTracker, TRACKER_PORT } from '../../runtime/start-tracker.ts';
import { collect, parseCount, parsePort } from '../arguments.ts';
import { interruptSignal, paint, say } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** Requests that run get this long to end. */
const DRAIN_MS = 2_000;

interface TrackerOptions {
  port?: number;
  host?: string;
  public?: boolean;
  allowHost?: string[];
  trustProxy?: string[];
  maxPeers?: number;
  maxPerNetwork?: number;
  announcesPerMinute?: number;
  readsPerMinute?: number;
}

const HELP = `
A tracker is a list of workers that announced themselves. It sees who announces and who reads, with their IP
addresses; it never sees a prompt. Nothing is written to disk.

Behind a proxy that adds x-forwarded-for, name it, or everybody shares one limit:
  lobstah tracker start --trust-proxy 127.0.0.1`;

export function addTracker(program: Command): void {
  program
    .command('tracker')
    .description('the list where workers announce themselves and routers find them')
    .command('start')
    .description('run a tracker on this machine; it needs no key and keeps nothing on disk')
    .option('--port <port>', `port to listen on (default: ${TRACKER_PORT})`, parsePort)
    .option('--host <address>', 'address to listen on (default: 127.0.0.1: nobody else can reach it)')
    .option('--public', 'listen on every address of this machine, for everybody')
    .option('--allow-host <name>', 'answer to this Host name only, besides loopback; may be repeated', collect)
    .option('--trust-proxy <cidr>', 'believe x-forwarded-for from this address or range; may be repeated', collect)
    .option('--max-peers <count>', 'peers in all (default: 20000)', parseCount(1_000_000))
    .option('--max-per-network <count>', 'peers of one IPv4 address or IPv6 /48 (default: 64)', parseCount(1_000_000))
    .option('--announces-per-minute <count>', 'from one network (default: 120)', parseCount(1_000_000))
    .option('--reads-per-minute <count>', 'from one network (default: 60)', parseCount(1_000_000))
    .addHelpText('after', HELP)
    .action(start);
}

async function start(options: TrackerOptions): Promise<void> {
  keepYoungHeapSmall();
  const interrupt = interruptSignal();
  const server = await startTracker({
    port: options.port,
    host: options.host,
    isPublic: options.public,
    allowedHosts: options.allowHost,
    trustedProxies: options.trustProxy,
    maxPeers: options.maxPeers,
    maxPeersPerNetwork: options.maxPerNetwork,
    announcesPerMinute: options.announcesPerMinute,
    readsPerMinute: options.readsPerMinute,
    onUnexpected: (error) => process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`),
  });
  say(`${paint('bold', `Lobstah ${VERSION}`)}  tracker`);
  say(
    `  tracker ${server.url}${server.host === '0.0.0.0' || server.host === '::' ? paint('dim', '  and every other address') : ''}`,
  );
  say(`\nWorkers:  npx lobstah worker start --announce-to ${server.url} --announce-url http://HOST:17474`);
  say(`Readers:  npx lobstah peers sync ${server.url}`);
  say(paint('dim', 'Ctrl-C stops.'));
  if (!interrupt.aborted)
    await new Promise<void>((resolve) => interrupt.addEventListener('abort', () => resolve(), { once: true }));
  await server.close(DRAIN_MS);
}
