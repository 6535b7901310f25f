import type { Command } from 'commander';
import type { GridSnapshot } from '../../contract/snapshot.ts';
import { findHome } from '../../runtime/home.ts';
import { askStatus, type IdleClawStatus } from '../../runtime/idleclaw/ask-server.ts';
import { namedServers } from '../../runtime/idleclaw/own-list.ts';
import { controlSnapshot } from '../control-client.ts';
import { number, paint, say, sayJson, table } from '../terminal.ts';

export interface StatusOptions {
  server?: string;
  json?: boolean;
}

export function addStatus(program: Command): void {
  program
    .command('status')
    .description('what the running Lobstah does; with --server: how an IdleClaw server is')
    .option('--server <url>', 'an IdleClaw server: its health, nodes and models')
    .option('--json', 'print JSON')
    .action(async (options: StatusOptions) => {
      if (options.server !== undefined) return showIdleClawStatus(options);
      const snapshot = await controlSnapshot();
      return options.json ? sayJson(ownStatus(snapshot)) : sayOwn(snapshot);
    });
}

/** How each server is that the command means; the exit code of the first that fails. */
export async function showIdleClawStatus(options: StatusOptions): Promise<void> {
  const servers = namedServers(
    options.server === undefined ? [] : [options.server],
    process.env,
    findHome(process.env),
  );
  const [first = '', ...others] = servers;
  const all = [await askStatus(first)];
  for (const server of others) all.push(await askStatus(server));
  if (options.json) return sayJson(all.length === 1 ? all[0] : { servers: all });
  for (const status of all) sayServer(status);
}

function sayServer(status: IdleClawStatus): void {
  const health = status.healthy ? paint('green', 'healthy') : paint('yellow', 'not healthy');
  const nodes = status.nodes === 1 ? 'one node' : `${number(status.nodes)} nodes`;
  say(`${paint('bold', status.server)}  ${health}, up ${duration(status.uptimeSeconds)}, ${nodes}`);
  if (status.models.length === 0) return say('  No model can be asked for: no node is there.');
  const rows = status.models.map(({ name, thinking, tools }) => [
    `  ${name}`,
    [...(thinking ? ['thinking'] : []), ...(tools ? ['tools'] : [])].join(', ') || '–',
  ]);
  say(table([[paint('dim', '  MODEL'), paint('dim', 'CAN')], ...rows]));
}

function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 3_600)} h`;
  return `${Math.round(seconds / 86_400)} days`;
}

function ownStatus({ version, pubkey, workerUrl, routerUrl, sharing, engine, jobs, idleclaw }: GridSnapshot) {
  const models = engine.models.map(({ name }) => name);
  return { version, pubkey, workerUrl, routerUrl, sharing, engine: { ...engine, models }, jobs, idleclaw };
}

function sayOwn({ sharing, engine, jobs, workerUrl, routerUrl, idleclaw }: GridSnapshot): void {
  say(`sharing   ${sharing.sentence}`);
  say(
    `engine    ${engine.label} (${engine.where}): ${engine.reachable ? modelCount(engine.models.length) : engine.problem}`,
  );
  say(`worker    ${workerUrl ?? 'not running'}`);
  say(`router    ${routerUrl ?? 'not running'}`);
  say(`running   ${jobs.length === 1 ? 'one request' : `${jobs.length} requests`}`);
  for (const { url, sentence } of idleclaw.contribute ? idleclaw.servers : []) say(`idleclaw  ${url}: ${sentence}`);
}

const modelCount = (count: number) => (count === 1 ? 'one model' : `${count || 'no'} models`);
