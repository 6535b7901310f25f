import { isCommandName, type CommandName } from '../../contract/commands.ts';
import { GridError } from '../../protocol/errors.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';
import { COMMAND_SCHEMAS } from './command-schemas.ts';
import { deleteCommands } from './delete-commands.ts';
import { engineCommands } from './engine-commands.ts';
import { friendCommands } from './friend-commands.ts';
import { idleClawCommands } from './idleclaw-commands.ts';
import { findingCommands } from './finding-commands.ts';
import { guestCommands } from './guest-commands.ts';
import { ledgerCommands } from './ledger-commands.ts';
import { overlayCommands } from './overlay-commands.ts';
import { openclawCommands } from './openclaw-commands.ts';
import { peerCommands } from './peer-commands.ts';
import { promptCommands } from './prompt-commands.ts';
import { sharingCommands } from './sharing-commands.ts';
import { shellCommands } from './shell-commands.ts';

/** @returns runs a command given by name and unparsed arguments, from whatever door it came */
export function createCommands(deps: CommandDeps): (name: string, args: unknown) => Promise<unknown> {
  const handlers: Handlers<CommandName> = {
    ...guestCommands(deps),
    ...sharingCommands(deps),
    ...engineCommands(deps),
    ...peerCommands(deps),
    ...overlayCommands(deps),
    ...friendCommands(deps),
    ...findingCommands(deps),
    ...ledgerCommands(deps),
    ...promptCommands(deps),
    ...openclawCommands(deps),
    ...deleteCommands(deps),
    ...shellCommands(deps),
    ...idleClawCommands(deps),
  };
  return async (name, args) => {
    if (!isCommandName(name)) throw new GridError('invalid_argument', `There is no command '${name.slice(0, 40)}'.`);
    return run(handlers, name, args);
  };
}

async function run<Name extends CommandName>(handlers: Handlers<Name>, name: Name, args: unknown): Promise<unknown> {
  const parsed = COMMAND_SCHEMAS[name].safeParse(args);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw new GridError(
      'invalid_argument',
      `${name}: '${issue?.path.join('.') || 'arguments'}': ${issue?.message ?? ''}.`,
    );
  }
  return (await handlers[name](parsed.data)) ?? null;
}
