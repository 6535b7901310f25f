import { createRequire } from 'node:module';
import { join } from 'node:path';
import { electronForTests, PACKAGED_FOR_TESTS } from '../../../tools/electron-for-tests.ts';

const ROOT = join(import.meta.dirname, '../../..');

export interface ElectronProgram {
  readonly executable: string;
  /** what follows the program's own switches: the built app, unless the program has it inside */
  readonly appArgs: readonly string[];
  readonly sqlite: 'better-sqlite3' | 'libsql';
}

/** The built app in an Electron, or the packaged app, which is its own. */
export type Program = 'built' | 'packaged';

/** On Linux x64 the Electron for tests, elsewhere the one of the npm package, which fetches itself when it is first asked. */
export async function findElectron(program: Program): Promise<ElectronProgram> {
  if (program === 'packaged') return { executable: join(PACKAGED_FOR_TESTS, 'lobstah'), appArgs: [], sqlite: 'libsql' };
  if (process.platform === 'linux' && process.arch === 'x64') {
    const dist = process.env['ELECTRON_OVERRIDE_DIST_PATH'] ?? (await electronForTests());
    return {
      executable: join(dist, 'electron'),
      appArgs: [join(ROOT, 'build/main-e33/index.js')],
      sqlite: 'libsql',
    };
  }
  const executable = createRequire(import.meta.url)('electron') as string;
  return { executable, appArgs: [join(ROOT, 'build/main/index.js')], sqlite: 'better-sqlite3' };
}
