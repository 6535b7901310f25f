import type { CommandArgs } from '../contract/commands.ts';
import type { FindingView } from '../contract/snapshot.ts';
import { GridError } from '../protocol/errors.ts';
import { withLan, withNostr } from '../runtime/commands/finding-commands.ts';
import { findHome, openHome } from '../runtime/home.ts';
import { openSettingsFile, type Settings } from '../runtime/settings.ts';
import { controlCommand, controlSnapshot } from './control-client.ts';

/**
 * An opt-in of the home, changed in the running `up`, else in the file of settings: `worker start` and `router start` have no door to
 * ask at, and look at that file.
 */
export interface FindingHome {
  /** undefined when no `up` runs: then settings are all there is to see */
  view(): Promise<FindingView | undefined>;
  settings(): Settings;
  setNostr(wish: CommandArgs<'setNostr'>): Promise<void>;
  setLan(wish: CommandArgs<'setLan'>): Promise<void>;
}

export function openFindingHome(): FindingHome {
  const home = findHome(process.env);
  openHome(home);
  const file = openSettingsFile(home.settingsFile);

  async function change(asked: () => Promise<unknown>, next: (settings: Settings) => Settings): Promise<void> {
    if ((await unlessNotRunning(asked)) === undefined) file.change(next);
  }

  return {
    view: async () => (await unlessNotRunning(controlSnapshot))?.finding,
    settings: () => file.current(),
    setNostr: (wish) =>
      change(
        async () => [await controlCommand('setNostr', wish)],
        (settings) => withNostr(settings, wish),
      ),
    setLan: (wish) =>
      change(
        async () => [await controlCommand('setLan', wish)],
        (settings) => withLan(settings, wish),
      ),
  };
}

async function unlessNotRunning<Result>(ask: () => Promise<Result>): Promise<Result | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof GridError && error.code === 'not_running') return undefined;
    throw error;
  }
}
