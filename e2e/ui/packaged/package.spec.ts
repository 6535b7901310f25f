import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { listPackage } from '@electron/asar';
import { FuseState, FuseV1Options, getCurrentFuseWire } from '@electron/fuses';
import { PACKAGED_FOR_TESTS } from '../../../tools/electron-for-tests.ts';
import { expect, test } from '../running/test.ts';

const RESOURCES = join(PACKAGED_FOR_TESTS, 'resources');
const packages = (folder: string) => readdirSync(join(RESOURCES, 'app.asar.unpacked/node_modules', folder)).sort();

test('the fuses are those of the release, but for the one that Playwright needs', async () => {
  const wire = await getCurrentFuseWire(join(PACKAGED_FOR_TESTS, 'lobstah'));
  const isOn = (fuse: FuseV1Options) => wire[fuse] === FuseState.ENABLE;
  expect({
    runAsNode: isOn(FuseV1Options.RunAsNode),
    nodeOptions: isOn(FuseV1Options.EnableNodeOptionsEnvironmentVariable),
    inspect: isOn(FuseV1Options.EnableNodeCliInspectArguments),
    cookieEncryption: isOn(FuseV1Options.EnableCookieEncryption),
    asarIntegrity: isOn(FuseV1Options.EnableEmbeddedAsarIntegrityValidation),
    onlyAsar: isOn(FuseV1Options.OnlyLoadAppFromAsar),
    ownSnapshot: isOn(FuseV1Options.LoadBrowserProcessSpecificV8Snapshot),
    fileProtocol: isOn(FuseV1Options.GrantFileProtocolExtraPrivileges),
  }).toEqual({
    runAsNode: false,
    nodeOptions: false,
    inspect: true,
    cookieEncryption: true,
    asarIntegrity: true,
    onlyAsar: true,
    ownSnapshot: false,
    fileProtocol: false,
  });
});

test('the package holds the bundle, the pages and the images, and nothing of the sources', () => {
  const files = listPackage(join(RESOURCES, 'app.asar'), { isPack: false }).filter(
    (file) => !file.startsWith('/node_modules'),
  );
  const folders = new Set(files.map((file) => file.split('/')[1]));
  expect([...folders].sort()).toEqual(['build', 'package.json', 'resources']);
  expect(files.filter((file) => /\.(ts|map)$/.test(file))).toEqual([]);
  expect(files).toContain('/build/renderer/index.html');
  expect(files).toContain('/build/main-e33/preload.cjs');
  expect(files).toContain('/resources/tray/troubleTemplate@2x.png');
  expect(readdirSync(join(RESOURCES, 'models'))).toContain('lobstah-sample.gguf');
  expect(readdirSync(join(RESOURCES, 'skills/idleclaw'))).toEqual(['SKILL.md', 'install.sh', 'scripts']);
});

test('native files are those of this system alone', () => {
  expect(packages('better-sqlite3/prebuilds')).toEqual(['linux-x64.node']);
  expect(packages('@node-llama-cpp').filter((name) => !name.startsWith('linux-x64'))).toEqual([]);
});
