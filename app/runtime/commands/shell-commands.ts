import { GridError } from '../../protocol/errors.ts';
import type { GridShell } from '../grid-config.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type ShellCommand = 'showWindow' | 'hidePopover' | 'copyRouterAddress' | 'openLink';

/** What only a shell with windows can do; asked headless, it says so. */
export function shellCommands({ shell, routerUrl }: CommandDeps): Handlers<ShellCommand> {
  const app = (): GridShell => {
    if (shell) return shell;
    throw new GridError('invalid_argument', 'Windows belong to the app; this Lobstah runs without one.');
  };
  return {
    async showWindow(args) {
      await app().showWindow(args);
      return null;
    },
    hidePopover() {
      app().hidePopover();
      return null;
    },
    copyRouterAddress() {
      if (!routerUrl) throw new GridError('not_running', 'No router runs here, so there is no address to copy.');
      app().copyText(`${routerUrl}/v1`);
      return null;
    },
    async openLink(args) {
      await app().openLink(args);
      return null;
    },
  };
}
