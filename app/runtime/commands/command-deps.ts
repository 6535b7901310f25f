import type { CommandArgs, CommandName, CommandResult } from '../../contract/commands.ts';
import type { EngineWatch } from '../engine-watch.ts';
import type { Finding } from '../finding.ts';
import type { FriendDesk } from '../friend-desk.ts';
import type { FriendWatch } from '../friend-watch.ts';
import type { GridShell } from '../grid-config.ts';
import type { GridParts } from '../grid-parts.ts';
import type { Home } from '../home.ts';
import type { ModelDownload } from '../model-download.ts';
import type { OpenclawConnection } from '../openclaw-connection.ts';
import type { News } from '../news.ts';

export type CommandDeps = GridParts & {
  readonly news: News;
  readonly home: Home;
  readonly engineWatch: EngineWatch;
  readonly download: ModelDownload;
  readonly finding: Finding;
  readonly openclaw: OpenclawConnection;
  readonly friendDesk: FriendDesk;
  readonly friendWatch: FriendWatch;
  readonly quit: () => void;
  readonly shell: GridShell | undefined;
};

export type Handlers<Name extends CommandName> = {
  readonly [N in Name]: (args: CommandArgs<N>) => Promise<CommandResult<N>> | CommandResult<N>;
};
