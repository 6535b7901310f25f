import type { App } from 'electron';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

/** Where the built app has its parts. All are beside or above the bundle of the main process, in a checkout and in an asar. */
export interface AppFiles {
  readonly pagesFolder: string;
  readonly preload: string;
  readonly trayFolder: string;
  readonly icon: string;
  readonly ledgerThreadUrl: URL;
  readonly llamaHost: string;
  readonly sampleModel: string;
  readonly openclawPlugin: string;
}

export function findAppFiles({ isPackaged }: Pick<App, 'isPackaged'>, bundle = import.meta.dirname): AppFiles {
  const root = join(bundle, '../..');
  const resources = join(root, 'resources');
  return {
    pagesFolder: join(bundle, '../renderer'),
    preload: join(bundle, 'preload.cjs'),
    trayFolder: join(resources, 'tray'),
    icon: join(resources, 'icon.png'),
    ledgerThreadUrl: pathToFileURL(join(bundle, 'ledger-thread.js')),
    llamaHost: join(bundle, 'llama-utility.js'),
    // llama.cpp maps the file into memory itself and cannot look into an asar.
    sampleModel: join(isPackaged ? process.resourcesPath : resources, 'models/lobstah-sample.gguf'),
    // openclaw, another program, copies it.
    openclawPlugin: join(isPackaged ? process.resourcesPath : join(root, 'build'), 'openclaw-plugin'),
  };
}
