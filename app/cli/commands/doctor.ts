import type { Command } from 'commander';
import { runDoctor } from '../../runtime/doctor.ts';
import { findHome } from '../../runtime/home.ts';
import { EXIT, paint, say, sayJson } from '../terminal.ts';

const MARKS = { ok: paint('green', '✓'), warning: paint('yellow', '!'), failed: paint('red', '✗') };

const HELP = `
Looks at home folder, disk, key, settings, peers file, ledger, engine, the ports of worker, router and dashboard,
each peer (name, connection, TLS, HTTP, protocol, key: it says at which step it fails) and the clock.
Changes nothing, and contacts only this machine and your peers unless --online is given.

Exit codes: 0 nothing is broken (warnings are shown), 1 something is`;

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find the first thing that is wrong, and how to mend it')
    .option('--online', 'also ask a time server on the internet whether the clock is right')
    .option('--json', 'print JSON')
    .addHelpText('after', HELP)
    .action(async (options: { online?: boolean; json?: boolean }) => {
      const home = findHome(process.env);
      const checks = await runDoctor({ home, env: process.env, online: options.online ?? false });
      const first = checks.find(({ status }) => status === 'failed');
      if (options.json) sayJson({ ok: first === undefined, checks });
      else {
        const width = Math.max(...checks.map(({ name }) => name.length));
        for (const { name, status, message, hint } of checks) {
          say(`${MARKS[status]} ${name.padEnd(width)} ${message}`);
          if (hint) say(`${' '.repeat(width + 3)}${paint('dim', hint)}`);
        }
        say(first ? `\nMend this first: ${first.name}. ${first.hint ?? ''}` : '\nNothing is broken.');
      }
      if (first) process.exitCode = EXIT.failed;
    });
}
