import type { Command } from 'commander';
import { runDoctor } from '../../runtime/doctor.ts';
import { findHome } from '../../runtime/home.ts';
import { EXIT, paint, say, sayJson } from '../terminal.ts';

const MARKS = { ok: paint('green', '✓'), warning: paint('yellow', '!'), failed: paint('red', '✗') };

export function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('find the first thing that is wrong, and how to mend it')
    .option('--json', 'print JSON')
    .action(async (options: { json?: boolean }) => {
      const checks = await runDoctor({ home: findHome(process.env), env: process.env });
      const first = checks.find(({ status }) => status === 'failed');
      if (options.json) sayJson({ ok: first === undefined, checks });
      else {
        for (const { name, status, message, hint } of checks) {
          say(`${MARKS[status]} ${name.padEnd(12)} ${message}`);
          if (hint) say(`${' '.repeat(15)}${paint('dim', hint)}`);
        }
        say(first ? `\nMend this first: ${first.name}. ${first.hint ?? ''}` : '\nNothing is broken.');
      }
      if (first) process.exitCode = EXIT.failed;
    });
}
