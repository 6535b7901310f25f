import { once } from 'node:events';
import type { Command } from 'commander';
import type { GridSnapshot, IdleClawServerView } from '../../contract/snapshot.ts';
import { GridError } from '../../protocol/errors.ts';
import { startGrid, type Grid } from '../../runtime/grid.ts';
import { findHome } from '../../runtime/home.ts';
import { namedServers } from '../../runtime/idleclaw/own-list.ts';
import { collect } from '../arguments.ts';
import { controlCommand, controlSnapshot } from '../control-client.ts';
import { interruptSignal, number, paint, say, sayJson } from '../terminal.ts';
import { VERSION } from '../version.ts';

/** Answers that run get this long to end after Ctrl-C. */
const DRAIN_MS = 10_000;

interface ContributeOptions {
  server?: string[];
  stop?: boolean;
  json?: boolean;
}

const HELP = `
Each server is told the names and sizes of the shared models, and sends prompts of strangers that this machine answers.
It earns no credit; 'given' counts it. Which models are shared, how many requests run at once and pauses are the same as for
the grid. Where a Lobstah runs on this home, it is told to contribute, under its switch 'Share idle compute'; otherwise this
command serves until Ctrl-C, and needs no open port.

  lobstah contribute --server https://hub.example --server http://10.0.0.7:8000
  lobstah contribute --stop`;

export function addContribute(parent: Command): void {
  parent
    .command('contribute')
    .description('work for IdleClaw servers: answer their requests with the models of this machine')
    .option(
      '--server <url>',
      'a server; may be repeated (default: IDLECLAW_SERVER, else the list in Settings)',
      collect,
    )
    .option('--stop', 'the running Lobstah contributes no longer')
    .option('--json', 'print JSON: one line each time something changes')
    .addHelpText('after', HELP)
    .action(contribute);
}

async function contribute(options: ContributeOptions): Promise<void> {
  if (options.stop) {
    await controlCommand('setIdleClaw', { contribute: false });
    return report(await controlSnapshot(), options);
  }
  const home = findHome(process.env);
  const servers = namedServers(options.server, process.env, home);
  const running = await snapshotOfRunning();
  if (running) return tellRunning(running, servers, options);

  const interrupt = interruptSignal();
  const grid = await startGrid({
    home,
    env: process.env,
    version: VERSION,
    worker: { sharing: 'always', listens: false },
    contributeTo: servers,
  });
  try {
    await greet(grid, servers, options);
    await watch(grid, options, interrupt);
    if (!options.json) say(paint('dim', '\nStopping: answers that are running get ten seconds to end.'));
  } finally {
    await grid.stop(DRAIN_MS);
  }
}

async function snapshotOfRunning(): Promise<GridSnapshot | undefined> {
  try {
    return await controlSnapshot();
  } catch (error) {
    if (error instanceof GridError && error.code === 'not_running') return undefined;
    throw error;
  }
}

async function tellRunning(
  before: GridSnapshot,
  servers: readonly string[],
  options: ContributeOptions,
): Promise<void> {
  const known = before.idleclaw.servers.map(({ url }) => url);
  for (const url of servers) if (!known.includes(url)) await controlCommand('addIdleClawServer', { url });
  await controlCommand('setIdleClaw', { contribute: true });
  report(await controlSnapshot(), options);
}

function report({ sharing, idleclaw }: GridSnapshot, options: ContributeOptions): void {
  if (options.json) return sayJson(idleclaw);
  say(idleclaw.contribute ? 'The running Lobstah contributes to:' : 'The running Lobstah contributes to no server.');
  if (!idleclaw.contribute) return;
  for (const { url, sentence } of idleclaw.servers) say(`  ${url}  ${sentence}`);
  if (!sharing.on) say("Sharing is switched off, so nothing is served yet: 'lobstah sharing on' starts it.");
  say(paint('dim', "'lobstah contribute --stop' ends it; 'lobstah status' shows how it goes."));
}

async function greet(grid: Grid, servers: readonly string[], { json }: ContributeOptions): Promise<void> {
  if (json) return;
  const { engine } = await grid.look();
  const shared = engine.models.filter((model) => model.shared).map(({ name }) => name);
  say(`${paint('bold', 'Contributing')} to ${servers.join(', ')}`);
  say(
    `  engine  ${engine.reachable ? `${engine.where}: ${shared.join(', ') || 'no model to share'}` : engine.problem}`,
  );
  say(paint('dim', 'What it does is given: it earns no credit. Ctrl-C stops.'));
}

/** Says what changes, until it is interrupted. */
async function watch(grid: Grid, { json }: ContributeOptions, interrupt: AbortSignal): Promise<void> {
  const said = new Map<string, string>();
  const tell = ({ idleclaw }: GridSnapshot): void => {
    for (const server of idleclaw.servers) {
      const line = json ? JSON.stringify(server) : lineOf(server);
      if (said.get(server.url) !== line) say(line);
      said.set(server.url, line);
    }
  };
  const unsubscribe = grid.on('snapshot', tell);
  tell(grid.snapshot());
  // Without a port, and while paused without a connection, nothing else would keep this process alive.
  const alive = setInterval(() => undefined, 2 ** 30);
  if (!interrupt.aborted) await once(interrupt, 'abort');
  clearInterval(alive);
  unsubscribe();
}

function lineOf({ url, sentence, given }: IdleClawServerView): string {
  return `  ${url}  ${sentence}${given.requests > 0 ? `  given: ${number(given.requests)} answers, ${number(given.tokens)} tokens` : ''}`;
}
