import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { GridError } from '../../protocol/errors.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

/** Takes everything of this home away and ends: key, peers, settings, ledger, downloaded models, logs. */
export function deleteCommands(deps: CommandDeps): Handlers<'deleteEverything'> {
  return {
    async deleteEverything({ confirmation }) {
      if (confirmation !== 'delete')
        throw new GridError('invalid_argument', "To delete everything, the confirmation must be the word 'delete'.");
      await deps.contributing?.close(); // it would write its count once more
      await deps.ledger.close();
      const { home } = deps;
      const files = [
        home.identityFile,
        home.peersFile,
        home.refusedPeersFile,
        home.foundPeersFile,
        home.friendsFile,
        home.settingsFile,
        home.engineKeyFile,
        home.givenFile,
      ];
      deps.engineKeys.remove();
      for (const suffix of ['', '-wal', '-shm']) files.push(home.ledgerFile + suffix);
      for (const path of [...files, home.modelsFolder, home.openclawFolder, dirname(home.logFile)])
        rmSync(path, { recursive: true, force: true });
      deps.quit();
      return null;
    },
  };
}
