import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { build, Platform, type Configuration } from 'electron-builder';
import { parse } from 'yaml';
import { ELECTRON_FOR_TESTS_VERSION, electronForTests, PACKAGED_FOR_TESTS } from './electron-for-tests.ts';

/**
 * Packs the app as `npm run dist` does, from the same electron-builder.yml and without internet, around the Electron of the
 * tests. Three things differ: that Electron, the SQLite driver it can load, and the one fuse that Playwright needs.
 */
const ROOT = join(import.meta.dirname, '..');

async function packageForTests(): Promise<void> {
  const release = parse(readFileSync(join(ROOT, 'electron-builder.yml'), 'utf8')) as Configuration;
  const files = (release.files as string[]).map((pattern) => pattern.replace('build/main/', 'build/main-e33/'));
  await build({
    projectDir: ROOT,
    targets: Platform.LINUX.createTarget('dir'),
    config: {
      ...release,
      directories: { ...release.directories, output: dirname(PACKAGED_FOR_TESTS) },
      electronDist: await electronForTests(),
      electronVersion: ELECTRON_FOR_TESTS_VERSION,
      electronFuses: { ...release.electronFuses, enableNodeCliInspectArguments: true },
      extraMetadata: { main: 'build/main-e33/index.js' },
      files: [
        { from: '.', filter: files },
        // A development dependency, which electron-builder leaves out by itself.
        {
          from: 'node_modules',
          to: 'node_modules',
          filter: ['libsql/**', '@libsql/linux-x64-gnu/**', '@neon-rs/load/**', 'detect-libc/**', '!**/*.d.ts'],
        },
      ],
    },
  });
}

if (process.platform === 'linux' && process.arch === 'x64') await packageForTests();
else console.log(`no packaged app for tests on ${process.platform} ${process.arch}: there is no Electron for it`);
