import type { Command } from 'commander';
import { findHome, openHome } from '../../runtime/home.ts';
import { openIdentityFile } from '../../runtime/identity-file.ts';
import { say, sayJson } from '../terminal.ts';

export function addKeygen(program: Command): void {
  program
    .command('keygen')
    .description('make the key of this machine, or show the one there is (never replaces it)')
    .option('--json', 'print JSON')
    .action((options: { json?: boolean }) => {
      const home = findHome(process.env);
      openHome(home);
      const { identity, created } = openIdentityFile(home.identityFile);
      if (options.json) sayJson({ pubkey: identity.publicKey, created, file: home.identityFile });
      else {
        say(identity.publicKey);
        say(`${created ? 'New key written to' : 'Already there:'} ${home.identityFile}`);
      }
    });
}
