import { configRow, modelRow, modelRows, type RouterModel } from '../plugin/model-rows.ts';
import { ANY_API_KEY, AUTO_MODEL, PROVIDER_ID } from '../plugin/names.ts';
import type { OpenclawState } from './openclaw-state.ts';

/** One command of openclaw, with what it does in words. */
export interface Step {
  readonly sentence: string;
  readonly args: readonly string[];
  /** for its standard input */
  readonly input?: string;
  /** what it is for may be gone already */
  readonly mayFail?: boolean;
}

export interface InstallWish {
  readonly pluginFolder: string;
  /** http://127.0.0.1:17475/v1 */
  readonly baseUrl: string;
  /** of Lobstah, where it is not the default one */
  readonly homeFolder: string | undefined;
  readonly makeDefault: boolean;
  /** what the router offers right now */
  readonly models: readonly RouterModel[];
}

/** What was there before the first installation, as far as an installation changes it. */
export interface Before {
  readonly plugin: OpenclawState['plugin'];
  readonly provider: OpenclawState['provider'];
  readonly defaultModel: string | null;
  readonly profiles: readonly string[];
}

const PROVIDER_PATH = `models.providers.${PROVIDER_ID}`;
const ENTRY_PATH = `plugins.entries.${PROVIDER_ID}`;

/** A provider that is there already keeps its rows and its key: only where it points is set. */
export function planInstall(state: OpenclawState, wish: InstallWish): Step[] {
  const steps: Step[] = [
    {
      sentence: state.plugin ? 'Installs the plugin again, with the files of this Lobstah' : 'Installs the plugin',
      args: ['plugins', 'install', wish.pluginFolder, '--force', '--accept-capabilities'],
    },
  ];
  if (state.plugin && !state.plugin.enabled)
    steps.push({ sentence: 'Enables the plugin', args: ['plugins', 'enable', PROVIDER_ID] });
  if (wish.homeFolder !== undefined)
    steps.push({
      sentence: 'Tells the plugin where Lobstah has its home folder',
      args: ['config', 'set', `${ENTRY_PATH}.config.home`, JSON.stringify(wish.homeFolder), '--strict-json'],
    });
  if (!state.provider) {
    const rows = modelRows(wish.models);
    const auto = rows[0] ?? modelRow({ id: AUTO_MODEL, contextLength: undefined, capabilities: undefined });
    const provider = {
      baseUrl: wish.baseUrl,
      api: 'openai-completions',
      apiKey: ANY_API_KEY,
      models: [configRow(auto)],
    };
    steps.push({
      sentence: `Adds the grid as a model provider, at ${wish.baseUrl}`,
      args: ['config', 'set', PROVIDER_PATH, JSON.stringify(provider), '--strict-json'],
    });
    // openclaw lists the models of providers it has a key for.
    if (state.profiles.length === 0)
      steps.push({
        sentence: 'Stores a key for it (any will do)',
        args: ['models', 'auth', 'paste-api-key', '--provider', PROVIDER_ID, '--profile-id', `${PROVIDER_ID}:default`],
        input: `${ANY_API_KEY}\n`,
      });
  } else if (state.provider.baseUrl !== wish.baseUrl)
    steps.push({
      sentence: `Points the model provider to ${wish.baseUrl}`,
      args: ['config', 'set', `${PROVIDER_PATH}.baseUrl`, JSON.stringify(wish.baseUrl), '--strict-json'],
    });
  if (wish.makeDefault && state.defaultModel !== AUTO_MODEL)
    steps.push({ sentence: `Makes ${AUTO_MODEL} its default model`, args: ['models', 'set', AUTO_MODEL] });
  return steps;
}

/** Takes away what is of Lobstah and puts back what it had replaced. `before` is undefined when others installed it. */
export function planRemove(state: OpenclawState, before: Before | undefined, keptPlugin: string | undefined): Step[] {
  const steps: Step[] = [];
  const usesGrid = state.defaultModel?.startsWith(`${PROVIDER_ID}/`) === true;
  if (usesGrid && before?.defaultModel !== state.defaultModel)
    steps.push(
      before?.defaultModel
        ? {
            sentence: `Makes ${before.defaultModel} its default model again`,
            args: ['models', 'set', before.defaultModel],
          }
        : { sentence: 'Takes the grid away as its default model', args: ['config', 'unset', 'agents.defaults.model'] },
    );
  if (usesGrid && !before?.defaultModel?.startsWith(`${PROVIDER_ID}/`))
    steps.push({
      sentence: 'Takes the grid out of its list of chosen models',
      args: ['config', 'unset', `agents.defaults.models["${AUTO_MODEL}"]`],
      mayFail: true,
    });
  for (const profile of state.profiles.filter((known) => !before?.profiles.includes(known)))
    steps.push({ sentence: 'Forgets the key of the grid', args: ['models', 'auth', 'logout', profile, '--yes'] });
  if (state.provider && !before?.provider)
    steps.push(
      // openclaw refuses to write settings that are less than half of what they were ('size-drop').
      {
        sentence: 'Takes the models of the grid out of its settings',
        args: ['config', 'set', `${PROVIDER_PATH}.models`, '[]', '--strict-json', '--replace'],
        mayFail: true,
      },
      { sentence: 'Takes the grid out of its model providers', args: ['config', 'unset', PROVIDER_PATH] },
    );
  else if (state.provider && before?.provider && state.provider.baseUrl !== before.provider.baseUrl)
    steps.push({
      sentence: `Points the model provider back to ${before.provider.baseUrl}`,
      args: ['config', 'set', `${PROVIDER_PATH}.baseUrl`, JSON.stringify(before.provider.baseUrl), '--strict-json'],
    });
  if (before?.plugin && keptPlugin)
    steps.push({
      sentence: 'Puts back the plugin that was there before',
      args: ['plugins', 'install', keptPlugin, '--force', '--accept-capabilities'],
    });
  else if (state.plugin)
    steps.push(
      { sentence: 'Takes the plugin away', args: ['plugins', 'uninstall', PROVIDER_ID, '--force'] },
      // openclaw leaves a note there that the plugin was switched off.
      { sentence: 'Takes its settings away', args: ['config', 'unset', ENTRY_PATH], mayFail: true },
    );
  return steps;
}
