import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { EngineView } from '../../contract/snapshot.ts';
import { GridError } from '../../protocol/errors.ts';
import { startGrid, type Grid } from '../../runtime/grid.ts';
import type { GridConfig, ServerConfig } from '../../runtime/grid-config.ts';
import { keepYoungHeapSmall } from '../../runtime/young-heap.ts';
import { findHome } from '../../runtime/home.ts';
import { collect, parsePort } from '../arguments.ts';
import { apiKeyFromEnvironment } from '../router-client.ts';
import { interruptSignal, paint, say } from '../terminal.ts';
import { addAnnounceOptions, parseAnnounce, type AnnounceOptions } from '../announce-options.ts';
import { VERSION } from '../version.ts';

/** Running answers get this long to end after Ctrl-C or SIGTERM. */
const DRAIN_MS = 10_000;

/** Built by `npm run build:renderer`, which `npm install` runs. */
const PAGES = join(import.meta.dirname, '../../../build/renderer');
/** Built by `npm run build:openclaw`, likewise. */
const OPENCLAW_PLUGIN = join(import.meta.dirname, '../../../build/openclaw-plugin');

interface UpOptions {
  share?: boolean;
  workerPort?: number;
  routerPort?: number;
  dashboardPort?: number;
}

interface ServerOptions {
  port?: number;
  host?: string;
  allowHost?: string[];
}

/** `up`, `worker start`, `router start`: what runs until it is stopped. */
export function addServers(program: Command): void {
  program
    .command('up')
    .description('start worker and router together, and open the control socket')
    .option('--share', 'switch sharing on; otherwise it stays as it was (off at first)')
    .option('--worker-port <port>', 'port of the worker (default: 17474)', parsePort)
    .option('--router-port <port>', 'port of the router (default: 17475)', parsePort)
    .option('--dashboard-port <port>', 'port of the dashboard (default: 17477)', parsePort)
    .action(async (options: UpOptions) => {
      await run(
        {
          worker: { port: options.workerPort, sharing: 'switch' },
          router: { port: options.routerPort, apiKey: apiKeyOf(undefined) },
          control: true,
          openclawPlugin: existsSync(OPENCLAW_PLUGIN) ? OPENCLAW_PLUGIN : undefined,
          // Without built pages there is nothing to show; everything else works.
          dashboard: existsSync(PAGES) ? { port: options.dashboardPort, pagesFolder: PAGES } : undefined,
        },
        async (grid) => {
          if (options.share) await grid.command('setSharing', { on: true });
        },
      );
    });

  const worker = program.command('worker').description('the provider side: lends this machine to others');
  const startWorker = worker.command('start').description('serve the models of this machine to others');
  addServerOptions(startWorker, 17474).action((options: ServerOptions & AnnounceOptions) =>
    run({ worker: { ...serverConfig(options), sharing: 'always', announce: parseAnnounce(options) } }),
  );
  addAnnounceOptions(startWorker);
  const router = program.command('router').description('the local OpenAI-compatible address that uses other machines');
  addServerOptions(router.command('start').description('answer OpenAI requests from the grid'), 17475)
    .option('--api-key-file <file>', 'what clients must show as their API key; without it any key does')
    .action((options: ServerOptions & { apiKeyFile?: string }) =>
      run({ router: { ...serverConfig(options), apiKey: apiKeyOf(options.apiKeyFile) } }),
    );
}

function addServerOptions(command: Command, port: number): Command {
  return command
    .option('--port <port>', `port to listen on (default: ${port})`, parsePort)
    .option('--host <address>', 'address to listen on; others can reach any but 127.0.0.1 (default: 127.0.0.1)')
    .option('--allow-host <name>', 'a Host name to answer to besides loopback; may be repeated', collect);
}

/** @throws GridError invalid_argument */
function apiKeyOf(file: string | undefined): string | undefined {
  if (file === undefined) return apiKeyFromEnvironment();
  let text: string;
  try {
    text = readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw new GridError('invalid_argument', `The key file '${file}' cannot be read.`, { cause: error });
  }
  if (!/^\S{8,256}$/.test(text))
    throw new GridError('invalid_argument', `'${file}' must hold one key of 8 to 256 characters without spaces.`);
  return text;
}

function serverConfig({ port, host, allowHost }: ServerOptions): ServerConfig {
  return { port, host, allowedHosts: allowHost };
}

async function run(
  roles: Pick<GridConfig, 'worker' | 'router' | 'control' | 'dashboard' | 'openclawPlugin'>,
  started: (grid: Grid) => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const interrupt = interruptSignal();
  keepYoungHeapSmall();
  const home = findHome(process.env);
  const grid = await startGrid({ home, env: process.env, version: VERSION, ...roles });
  try {
    await started(grid);
    await greet(grid, home.folder);
    const interrupted = new Promise<void>((resolve) =>
      interrupt.addEventListener('abort', () => resolve(), { once: true }),
    );
    if (!interrupt.aborted) await Promise.race([interrupted, grid.quitRequested]);
    say(`\n${paint('dim', 'Stopping: answers that are running get ten seconds to end. Ctrl-C again ends them now.')}`);
  } finally {
    await grid.stop(DRAIN_MS);
  }
}

async function greet(grid: Grid, homeFolder: string): Promise<void> {
  say(`${paint('bold', `Lobstah ${VERSION}`)}  ${paint('dim', homeFolder)}`);
  say(`  key     ${grid.pubkey}${grid.identityCreated ? paint('dim', '  (new)') : ''}`);
  if (grid.workerUrl) say(`  worker  ${grid.workerUrl}`);
  if (grid.routerUrl) say(`  router  ${grid.routerUrl}/v1   ${paint('dim', 'any OpenAI client, any API key')}`);
  if (grid.workerUrl) {
    const { engine, sharing, finding } = await grid.look();
    say(`  engine  ${engineLine(engine)}`);
    say(`  sharing ${sharing.sentence}`);
    if (finding.announce.state === 'on')
      say(`  told to ${finding.announce.trackers.map(({ url }) => url).join(', ')}: ${finding.announce.url}`);
  }
  if (grid.dashboard) say(`  look    ${grid.dashboard.issueLink()}   ${paint('dim', 'once; then: npx lobstah open')}`);
  if (grid.routerUrl) say(`\nTry it:  npx lobstah chat "hello"`);
  say(paint('dim', 'Ctrl-C stops.'));
}

function engineLine(engine: EngineView): string {
  if (!engine.reachable) return paint('yellow', engine.problem ?? 'does not answer');
  const names = engine.models.map(({ name }) => name);
  const list = names.slice(0, 5).join(', ') + (names.length > 5 ? ` and ${names.length - 5} more` : '');
  if (engine.name !== 'sample') return `${engine.where}: ${list || 'no models'}`;
  return `the sample model ${paint('dim', '(answers, but knows little; start Ollama with any model and it steps aside)')}`;
}
