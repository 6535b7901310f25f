import { join } from 'node:path';
import { z } from 'zod';
import { GridError } from '../../protocol/errors.ts';
import { createGridClient, GridClientError } from '../plugin/grid-client.ts';
import { AUTO_MODEL, PROVIDER_ID } from '../plugin/names.ts';
import { openBeforeFile } from './before-file.ts';
import { describe, findOpenclaw, type OpenclawCommand } from './openclaw-command.ts';
import { lookAtOpenclaw, type OpenclawState } from './openclaw-state.ts';
import { planInstall, planRemove, type Step } from './plan.ts';

export interface ConnectDeps {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** the built plugin */
  readonly pluginFolder: string;
  /** the home folder of Lobstah, and whether it is the one the plugin finds by itself */
  readonly homeFolder: string;
  readonly isDefaultHome: boolean;
  /** one sentence at a time, before it is done */
  readonly onStep: (sentence: string) => void;
  /** asks a short question through the router. @returns who answered */
  readonly askGrid: (routerUrl: string, signal?: AbortSignal) => Promise<string>;
}

export interface OpenclawReport extends OpenclawState {
  readonly path: string;
  /** `remove` knows what was before */
  readonly canUndo: boolean;
}

/** @returns undefined when there is no openclaw. @throws GridError openclaw_failed */
export async function openclawReport(deps: ConnectDeps, signal?: AbortSignal): Promise<OpenclawReport | undefined> {
  const command = findOpenclaw(deps.env);
  if (!command) return undefined;
  const state = await lookAtOpenclaw(command, signal);
  return { ...state, path: command.path, canUndo: beforeFile(deps).read() !== undefined };
}

export interface Installed {
  readonly steps: readonly string[];
  /** the models of the grid that openclaw lists */
  readonly models: readonly string[];
  readonly answeredBy: string;
}

/**
 * Installs plugin and provider by openclaw's own commands, then looks whether it works: openclaw lists the grid's models, and
 * a short question goes through the router. (Not through an agent of openclaw: what a peer answers could make it use tools.)
 * @param dryRun says what would be done, and changes nothing
 * @throws GridError not_running when no router answers, openclaw_not_found, openclaw_failed
 */
export async function connectOpenclaw(
  deps: ConnectDeps,
  wish: { routerUrl: string; makeDefault: boolean; dryRun: boolean },
  signal?: AbortSignal,
): Promise<Installed> {
  const command = commandOrThrow(deps);
  const baseUrl = `${wish.routerUrl}/v1`;
  deps.onStep('Asks the router what the grid offers');
  const models = await createGridClient(deps.homeFolder)
    .models(baseUrl, undefined, signal)
    .catch((error: unknown) => {
      throw error instanceof GridClientError ? new GridError('not_running', error.message, { cause: error }) : error;
    });
  deps.onStep(`Looks at openclaw, ${command.path}`);
  const state = await lookAtOpenclaw(command, signal);
  const steps = planInstall(state, {
    pluginFolder: deps.pluginFolder,
    baseUrl,
    homeFolder: deps.isDefaultHome ? undefined : deps.homeFolder,
    makeDefault: wish.makeDefault,
    models,
  });
  if (wish.dryRun) return { steps: steps.map(inWords), models: [], answeredBy: '' };
  deps.onStep('Keeps a copy of its settings');
  beforeFile(deps).keep(state);
  await runSteps(command, steps, deps, signal);
  deps.onStep('Asks openclaw which models it sees now');
  const listed = await listedModels(command, signal);
  if (!listed.includes(AUTO_MODEL))
    throw new GridError(
      'openclaw_failed',
      `openclaw does not list ${AUTO_MODEL}; it lists ${listed.join(', ') || 'no model of the grid'}.`,
    );
  deps.onStep('Sends a question through the router');
  const answeredBy = await deps.askGrid(wish.routerUrl, signal);
  return { steps: steps.map(inWords), models: listed, answeredBy };
}

export interface Removed {
  readonly steps: readonly string[];
  /** openclaw's settings are byte for byte what they were; false when something else was changed in them since */
  readonly settingsRestored: boolean;
}

/** Undoes it: takes away what is of Lobstah, and puts back what it had replaced. */
export async function disconnectOpenclaw(
  deps: ConnectDeps,
  wish: { dryRun: boolean },
  signal?: AbortSignal,
): Promise<Removed> {
  const command = commandOrThrow(deps);
  const kept = beforeFile(deps);
  deps.onStep(`Looks at openclaw, ${command.path}`);
  const state = await lookAtOpenclaw(command, signal);
  const steps = planRemove(state, kept.read(), kept.keptPlugin());
  if (wish.dryRun) return { steps: steps.map(inWords), settingsRestored: false };
  await runSteps(command, steps, deps, signal);
  deps.onStep('Compares its settings with the copy');
  const settingsRestored = kept.restoreSettings(state.configFile);
  kept.forget();
  return { steps: steps.map(inWords), settingsRestored };
}

const beforeFile = ({ homeFolder }: ConnectDeps) => openBeforeFile(join(homeFolder, 'openclaw'));
const inWords = ({ sentence, args }: Step): string => `${sentence}: ${describe(args)}`;

function commandOrThrow({ env }: ConnectDeps): OpenclawCommand {
  const command = findOpenclaw(env);
  if (command) return command;
  throw new GridError('openclaw_not_found');
}

async function runSteps(command: OpenclawCommand, steps: readonly Step[], deps: ConnectDeps, signal?: AbortSignal) {
  for (const { sentence, args, mayFail, input } of steps) {
    deps.onStep(sentence);
    await (mayFail ? command.tryRun(args, signal) : command.run(args, signal, input));
  }
}

const listSchema = z.object({ models: z.array(z.object({ key: z.string() })) });

async function listedModels(command: OpenclawCommand, signal?: AbortSignal): Promise<string[]> {
  const text = await command.run(['models', 'list', '--provider', PROVIDER_ID, '--refresh', '--json'], signal);
  return listSchema.parse(JSON.parse(text)).models.map(({ key }) => key);
}
