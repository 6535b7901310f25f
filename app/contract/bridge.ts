import type { CommandArgs, CommandName, CommandResult } from './commands.ts';
import type { EventName, Events } from './events.ts';
import type { GridSnapshot } from './snapshot.ts';

/** The one thing the pages talk to: over IPC in the app, over HTTP and SSE in a browser. */
export interface Bridge {
  /** 'app' inside Electron, 'browser' when Lobstah runs headless */
  readonly shell: 'app' | 'browser';
  /** rejects with a CommandFailure-shaped Error (code, message, hint) */
  command<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<CommandResult<Name>>;
  snapshot(): Promise<GridSnapshot>;
  on<Name extends EventName>(name: Name, listener: (event: Events[Name]) => void): () => void;
}
