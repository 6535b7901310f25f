import { watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/**
 * Calls when a file may have changed, also when it is replaced or made. Costs nothing while nothing happens.
 * @returns what ends it
 */
export function watchFile(file: string, onChange: () => void): () => void {
  const name = basename(file);
  try {
    const watcher = watch(dirname(file), { persistent: false }, (_event, changed) => {
      if (changed === name) onChange();
    });
    // The folder is gone: so is what could have changed in it.
    watcher.on('error', () => watcher.close());
    return () => watcher.close();
  } catch {
    // Some file systems cannot be watched: a change holds when something else gives cause to look.
    return () => undefined;
  }
}
