import { useCallback } from 'react';
import type { CommandArgs, CommandName, CommandResult } from '../../app/contract/commands.ts';
import { useServices } from './app-context.tsx';
import { showFailure } from './toasts.ts';

/** Runs a command; a refusal is shown as a toast and comes back as undefined. */
export function useCommand() {
  const { bridge } = useServices();
  return useCallback(
    async <Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<Name> | undefined> => {
      try {
        return await bridge.command(name, args);
      } catch (thrown) {
        showFailure(thrown);
        return undefined;
      }
    },
    [bridge],
  );
}
