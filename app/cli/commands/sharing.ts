import { Argument, type Command } from 'commander';
import type { SharingRulesView, SharingView } from '../../contract/snapshot.ts';
import { GridError } from '../../protocol/errors.ts';
import { DEFAULT_RULES } from '../../sharing/rules.ts';
import { controlCommand, controlSnapshot } from '../control-client.ts';
import { paint, say, sayJson, table } from '../terminal.ts';
import { parseRule, RULE_NAMES, RULE_TEXTS, shownRule, type RuleName } from './sharing-rules.ts';

interface JsonOption {
  json?: boolean;
}

const HELP = `
Examples:
  lobstah sharing on                                     serve others while this machine is idle
  lobstah sharing pause 1h                               also: 30m, until-morning (8:00), until-charged, resume
  lobstah sharing drain                                  finish what runs, then stop; 'pause resume' takes it back
  lobstah sharing offline on                             close every way to other machines
  lobstah sharing show                                   every rule, its value and its default
  lobstah sharing set idleMinutes 10
  lobstah sharing set schedule "mon-fri 22:00-07:00, sat-sun 00:00-24:00"
  lobstah sharing set exclusiveApps "Final Cut Pro, Logic Pro"
  lobstah sharing set tokensPerDay default`;

/** The switch of the running Lobstah, its pauses, and its rules. */
export function addSharing(program: Command): void {
  const sharing = program
    .command('sharing')
    .description('when this machine serves others: switch, pauses and rules of the running Lobstah')
    .addHelpText('after', HELP);

  sharing
    .command('status')
    .description('is this machine sharing, and why (not)')
    .option('--json', 'print JSON')
    .action((options: JsonOption) => report(options));

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
        await report(options);
      });

  sharing
    .command('pause')
    .description('serve nobody for a while; survives a restart')
    .argument('[for]', "'1h', '30m', 'until-morning', 'until-charged' or 'resume'; without: until resumed")
    .option('--json', 'print JSON')
    .action(async (text: string | undefined, options: JsonOption) => {
      await pause(text);
      await report(options);
    });

  sharing
    .command('drain')
    .description("finish what runs for others, then stop until 'pause resume'")
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => {
      await controlCommand('drainSharing', {});
      await report(options);
    });

  sharing
    .command('offline')
    .description('close every way to other machines, or open them again')
    .addArgument(new Argument('<switch>', 'on: nothing goes out, nobody gets in').choices(['on', 'off']))
    .option('--json', 'print JSON')
    .action(async (word: string, options: JsonOption) => {
      await controlCommand('setOffline', { offline: word === 'on' });
      await report(options);
    });

  sharing
    .command('show')
    .description('every rule, its value and its default')
    .option('--json', 'print JSON')
    .action(async (options: JsonOption) => {
      const { sharingRules } = await controlSnapshot();
      if (options.json) sayJson({ rules: sharingRules, defaults: DEFAULT_RULES });
      else say(rulesTable(sharingRules));
    });

  sharing
    .command('set')
    .description('change one rule; holds at once')
    .addArgument(new Argument('<name>', "a name from 'sharing show'").choices(RULE_NAMES))
    .argument('<value>', "the value, or 'default'")
    .option('--json', 'print JSON')
    .action(async (name: RuleName, text: string, options: JsonOption) => {
      await controlCommand('changeSharingRules', {
        [name]: text === 'default' ? DEFAULT_RULES[name] : parseRule(name, text),
      });
      const { sharingRules } = await controlSnapshot();
      if (options.json) sayJson({ [name]: sharingRules[name] });
      else say(`${name} is ${shownRule(sharingRules[name])}.`);
    });
}

async function report({ json }: JsonOption): Promise<void> {
  const { sharing } = await controlSnapshot();
  if (json) sayJson(sharing);
  else say(statusText(sharing));
}

/** The sentence names the first reason; the others follow, so that nothing comes as a surprise. */
function statusText({ sentence, reasons }: SharingView): string {
  return [sentence, ...reasons.slice(1).map((reason) => `  also: ${reason.sentence}`)].join('\n');
}

async function pause(text: string | undefined): Promise<void> {
  if (text === undefined) await controlCommand('pauseSharing', { minutes: null });
  else if (text === 'resume') await controlCommand('resumeSharing', {});
  else if (text === 'until-morning') await controlCommand('pauseSharingUntil', { until: 'morning' });
  else if (text === 'until-charged') await controlCommand('pauseSharingUntil', { until: 'charged' });
  else await controlCommand('pauseSharing', { minutes: minutesOf(text) });
}

function minutesOf(text: string): number {
  const found = /^(\d{1,4})(m|h)$/.exec(text);
  const minutes = Number(found?.[1]) * (found?.[2] === 'h' ? 60 : 1);
  if (!found || minutes < 1)
    throw new GridError(
      'invalid_argument',
      `'${text}' is no time to pause: '1h', '30m', 'until-morning', 'until-charged', 'resume'.`,
    );
  return minutes;
}

function rulesTable(rules: SharingRulesView): string {
  return table(
    RULE_NAMES.map((name) => {
      const isDefault = JSON.stringify(rules[name]) === JSON.stringify(DEFAULT_RULES[name]);
      const value = shownRule(rules[name]);
      const note = isDefault ? '' : ` (default: ${shownRule(DEFAULT_RULES[name])})`;
      return [name, value + note, paint('dim', RULE_TEXTS[name])];
    }),
  );
}
