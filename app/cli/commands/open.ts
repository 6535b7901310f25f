import { spawn } from 'node:child_process';
import type { Command } from 'commander';
import { GridError } from '../../protocol/errors.ts';
import { controlLink } from '../control-client.ts';
import { say } from '../terminal.ts';

export function addOpen(program: Command): void {
  program
    .command('open')
    .description('open the dashboard of the running Lobstah in a browser')
    .option('--print', 'print the address instead; it works once')
    .action(async (options: { print?: boolean }) => {
      const url = await controlLink();
      if (!url) throw new GridError('not_running', 'The Lobstah that runs here has no dashboard to open.');
      if (options.print) return say(url);
      const opener = process.platform === 'darwin' ? 'open' : 'xdg-open';
      const child = spawn(opener, [url], { stdio: 'ignore', detached: true });
      child.once('error', () => say(`No browser could be opened. The address works once: ${url}`));
      child.unref();
    });
}
