import { readdirSync, readFileSync } from 'node:fs';
import { userDataFolder } from './electron-lobstah.ts';

/** Every process that has the user data of this app in its command line: main, pages, helpers. Linux only. */
export function processesOf(home: string): string[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(userDataFolder(home));
      } catch {
        return false; // ended while we looked
      }
    });
}
