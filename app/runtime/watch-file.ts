import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Readers look at a file ten times a second at most (file-stamp.ts): who is told at once would still be given the old one. */
const SETTLE_MS = 150;

/**
 * Calls when a file may have changed, also when it is replaced or made. Costs nothing while nothing happens.
 * @returns what ends it
 */
export function watchFile(file: string, onChange: () => void): () => void {
  const name = basename(file);
  let timer: NodeJS.Timeout | undefined;
  const settled = () => {
    clearTimeout(timer);
    timer = setTimeout(onChange, SETTLE_MS).unref();
  };
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, changed) => {
      if (changed === name) settled();
    });
    // The folder is gone: so is what could have changed in it.
    watcher.on('error', () => watcher.close());
    return () => {
      clearTimeout(timer);
      watcher.close();
    };
  } catch {
    // Some file systems cannot be watched: a change holds when something else gives cause to look.
    return () => undefined;
  }
}
