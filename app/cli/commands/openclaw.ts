import { join } from 'node:path';
import type { Command } from 'commander';
import { connectOpenclaw, disconnectOpenclaw, openclawReport } from '../../openclaw/install/connect.ts';
import { findHome, openHome } from '../../runtime/home.ts';
import { openclawAccess } from '../../runtime/openclaw-access.ts';
import { routerUrlOf } from '../router-client.ts';
import { interruptSignal, paint, say, sayJson } from '../terminal.ts';

/** Built by `npm run build:openclaw`, which `npm install` runs. */
const PLUGIN = join(import.meta.dirname, '../../../build/openclaw-plugin');

interface Options {
  json?: boolean;
  dryRun?: boolean;
  default?: boolean;
}

export function addOpenclaw(program: Command): void {
  const openclaw = program
    .command('openclaw')
    .description('make the grid a model provider of openclaw on this machine, and undo it');

  openclaw
    .command('status')
    .description('is there an openclaw, and is the grid in it')
    .option('--json', 'print JSON')
    .action(status);
  openclaw
    .command('install')
    .description('install the plugin, add the grid as a provider, and look whether it works (a router must run)')
    .option('--default', 'also make lobstah/auto the default model of openclaw')
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      `
Everything is done by openclaw's own commands; its settings are copied first, and 'lobstah openclaw remove' undoes it.
A gateway that runs sees the grid after 'openclaw gateway restart'.
Neither opt-in (announcing this machine, looking for peers on a tracker) is touched.`,
    )
    .action(install);
  openclaw
    .command('remove')
    .description('undo it: openclaw is as it was before')
    .option('--dry-run', 'say what would be done, and change nothing')
    .option('--json', 'print JSON')
    .action(remove);
}

function access(options: Options) {
  const home = findHome(process.env);
  openHome(home);
  const onStep = (sentence: string) => {
    if (!options.json) say(paint('dim', `… ${sentence}`));
  };
  return openclawAccess({ home, env: process.env, pluginFolder: PLUGIN, onStep });
}

async function status(options: Options): Promise<void> {
  const report = await openclawReport(access({ json: true }), interruptSignal());
  if (options.json) return sayJson(report ?? { path: null });
  if (!report) return say('There is no openclaw on this machine.');
  const { path, version, plugin, provider, defaultModel, canUndo } = report;
  say(`openclaw   ${version}  ${paint('dim', path)}`);
  say(
    `plugin     ${plugin ? `${plugin.version ?? ''} ${plugin.enabled ? '' : '(disabled)'}`.trim() : 'not installed'}`,
  );
  say(`provider   ${provider ? provider.baseUrl : 'not set up'}`);
  say(`default    ${defaultModel ?? 'none chosen'}`);
  if (!plugin || !provider) say("\n'lobstah openclaw install' connects it.");
  else if (canUndo) say("\n'lobstah openclaw remove' undoes it.");
}

async function install(options: Options): Promise<void> {
  const wish = {
    routerUrl: routerUrlOf(),
    makeDefault: options.default === true,
    dryRun: options.dryRun === true,
  };
  const { steps, models, answeredBy } = await connectOpenclaw(access(options), wish, interruptSignal());
  if (options.json) return sayJson({ dryRun: wish.dryRun, steps, models, answeredBy: answeredBy || null });
  if (wish.dryRun) return sayPlan(steps);
  say(`\nopenclaw sees the grid: ${models.join(', ')}.`);
  say(`A question went through and was answered by ${answeredBy}.`);
  say(`Try it:  openclaw agent exec "Say hello" --model lobstah/auto`);
  say(
    paint(
      'dim',
      "A gateway that runs sees it after 'openclaw gateway restart'. 'lobstah openclaw remove' undoes all of it.",
    ),
  );
}

async function remove(options: Options): Promise<void> {
  const dryRun = options.dryRun === true;
  const { steps, settingsRestored } = await disconnectOpenclaw(access(options), { dryRun }, interruptSignal());
  if (options.json) return sayJson({ dryRun, steps, settingsRestored });
  if (dryRun) return sayPlan(steps);
  if (steps.length === 0) return say('There was nothing of Lobstah in openclaw.');
  say(
    settingsRestored
      ? '\nUndone: the settings of openclaw are byte for byte what they were.'
      : '\nUndone: nothing of Lobstah is left; what else was changed in the settings since then was kept.',
  );
}

function sayPlan(steps: readonly string[]): void {
  say(steps.length === 0 ? '\nNothing would be done.' : '\nThis would be done:');
  for (const step of steps) say(`  ${step}`);
}
