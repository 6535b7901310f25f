import type { Command } from 'commander';
import type { GridSnapshot } from '../../contract/snapshot.ts';
import { controlCommand, controlSnapshot } from '../control-client.ts';
import { say, sayJson } from '../terminal.ts';

interface JsonOption {
  json?: boolean;
}

export function addSharing(program: Command): void {
  const sharing = program.command('sharing').description("the switch 'Share idle compute' of the running Lobstah");
  const report = (snapshot: GridSnapshot, options: JsonOption) =>
    options.json ? sayJson(snapshot.sharing) : say(snapshot.sharing.sentence);

  sharing
    .command('status')
    .description('is this machine sharing, and why (not)')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => report(await controlSnapshot(), options));

  for (const [word, on] of [
    ['on', true],
    ['off', false],
  ] as const)
    sharing
      .command(word)
      .description(on ? 'serve others from now on' : 'stop serving others; own prompts go on')
      .option('--json', 'print JSON')
      .action(async (options: JsonOption) => {
        await controlCommand('setSharing', { on });
        report(await controlSnapshot(), options);
      });
}
