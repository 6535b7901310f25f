import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

/**
 * npm start: the app where there is a display and an Electron, else the same grid headless (`lobstah up`) with its dashboard
 * in the browser. Says which of both it is, and why.
 */
const ROOT = join(import.meta.dirname, '..');
const ELECTRON = join(ROOT, 'node_modules', 'electron');
/** An app that ends sooner and badly has not started: the system lacks something it needs. */
const START_MS = 5_000;
/** From here on Electron has the Node-API that better-sqlite3 needs; older ones are for tests, with a build of their own. */
const FIRST_MAJOR_WITH_NODE_API_10 = 40;

const { values: options } = parseArgs({ options: { headless: { type: 'boolean', default: false } }, strict: false });

interface Program {
  readonly executable: string;
  readonly version: string;
  readonly main: string;
}

function hasDisplay(): boolean {
  if (process.platform === 'darwin' || process.platform === 'win32') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}

/** The Electron of the npm package, fetched now when it is not there yet; or the one the environment names. */
function findElectron(): Program | string {
  const override = process.env['ELECTRON_OVERRIDE_DIST_PATH'];
  const dist = override ?? join(ELECTRON, 'dist');
  if (!override && !existsSync(join(dist, 'version'))) {
    if (!existsSync(join(ELECTRON, 'install.js'))) return 'Electron is not installed';
    console.log('Fetching Electron (once, about 100 MB) …');
    const { status } = spawnSync(process.execPath, [join(ELECTRON, 'install.js')], {
      stdio: ['ignore', 'inherit', 'ignore'],
    });
    if (status !== 0) return 'Electron could not be fetched (no internet?)';
  }
  const version = readFileSync(join(dist, 'version'), 'utf8').trim();
  const name = process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const isOld = Number(version.split('.')[0]) < FIRST_MAJOR_WITH_NODE_API_10;
  return {
    executable: join(dist, name),
    version,
    main: join(ROOT, isOld ? 'build/main-e33' : 'build/main', 'index.js'),
  };
}

/** Builds the app when there is no build, or one that is older than the code. */
function build(main: string): string | undefined {
  if (existsSync(main) && newest(['app', 'main', 'renderer']) < statSync(main).mtimeMs) return undefined;
  const script = main.includes('main-e33') ? 'build:app:old' : 'build:app';
  const { status } = spawnSync('npm', ['run', '--silent', script], { cwd: ROOT, stdio: 'inherit' });
  return status === 0 ? undefined : 'the app could not be built';
}

function newest(folders: readonly string[]): number {
  return Math.max(
    ...folders.flatMap((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs),
    ),
  );
}

/** @returns how it ended, or why it did not start */
async function runApp({ executable, version, main }: Program): Promise<number | string> {
  console.log(
    `Lobstah opens as an app (Electron ${version}): look for the claw in the menu bar. 'npm start -- --headless' runs it without.`,
  );
  const args = process.getuid?.() === 0 ? ['--no-sandbox', main] : [main];
  const startedMs = performance.now();
  const child = spawn(executable, args, { stdio: 'inherit' });
  let isAskedToStop = false;
  passSignals(child, () => (isAskedToStop = true));
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(`the app could not be started (${error.message})`));
    child.once('exit', (code) => {
      const hasFailed = !isAskedToStop && code !== 0 && code !== null && performance.now() - startedMs < START_MS;
      resolve(hasFailed ? 'the app ended as soon as it was started' : (code ?? 0));
    });
  });
}

/** Ctrl-C reaches the child by itself; a signal to this process alone would not. */
function passSignals(child: ChildProcess, onSignal: () => void = () => undefined): void {
  for (const signal of ['SIGINT', 'SIGTERM'] as const)
    process.on(signal, () => {
      onSignal();
      child.kill(signal);
    });
}

async function runHeadless(why: string): Promise<number> {
  console.log(`Lobstah runs headless: ${why}. The dashboard opens in a browser.`);
  const child = spawn(process.execPath, [join(ROOT, 'app/cli/main.ts'), 'up'], { stdio: 'inherit' });
  passSignals(child);
  return new Promise((resolve) => child.once('exit', (code) => resolve(code ?? 0)));
}

async function start(): Promise<number> {
  if (options.headless) return runHeadless('as asked');
  if (!hasDisplay()) return runHeadless('there is no display');
  const program = findElectron();
  if (typeof program === 'string') return runHeadless(program);
  const problem = build(program.main);
  if (problem) return runHeadless(problem);
  const ended = await runApp(program);
  return typeof ended === 'string' ? runHeadless(ended) : ended;
}

process.exitCode = await start();
