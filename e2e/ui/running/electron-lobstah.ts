import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { _electron, expect, type ElectronApplication, type Page } from '@playwright/test';
import { findElectron, type Program } from './electron-program.ts';
import type { RunningLobstah, StartOptions } from './running-lobstah.ts';
import { clickTray } from './tray-click.ts';

const START_LIMIT_MS = 30_000;

export interface ElectronLobstah extends RunningLobstah {
  readonly app: ElectronApplication;
  /** everything it wrote to its error output: a start that fails says why there */
  errors(): string;
  /** Opens the same app once more. @returns how that second process ended */
  startAgain(): Promise<number | null>;
}

/** The real app with a home and a user of its own. */
export async function startElectronLobstah({
  home,
  program = 'built',
  env = {},
}: StartOptions): Promise<ElectronLobstah> {
  const { executable, args } = await commandLine(home, program);
  const wholeEnv = { ...plainEnv(), LOBSTAH_HOME: home, LOBSTAH_ENGINE: 'sample', ...env };
  const app = await _electron.launch({
    executablePath: executable,
    args,
    env: wholeEnv,
    timeout: START_LIMIT_MS,
  });
  let errors = '';
  app.process().stderr?.on('data', (part: Buffer) => (errors += part.toString('utf8')));
  const first = await app.firstWindow().catch(async (cause: unknown) => {
    app.process().kill('SIGKILL');
    throw new Error(`the app showed no window: ${errors}`, { cause });
  });
  const snapshot = await snapshotOf(first);

  return {
    app,
    home,
    routerUrl: (snapshot.routerUrl ?? '').replace(/\/v1$/, ''),
    workerUrl: snapshot.workerUrl ?? '',
    pubkey: snapshot.pubkey,
    errors: () => errors,
    startAgain() {
      const second = spawn(executable, args, { stdio: 'ignore', env: wholeEnv });
      return new Promise((resolve) => second.once('exit', resolve));
    },
    firstPage: () => Promise.resolve(first),
    async openPopover() {
      await clickTray(app, await anyPage(app));
      return pageAt(app, /#\/popover/);
    },
    async openDashboard(page) {
      const from = await anyPage(app);
      await from.evaluate(
        (to) => window.lobstah?.command('showWindow', { window: 'dashboard', page: to }),
        page ?? 'overview',
      );
      return pageAt(app, new RegExp(`#/dashboard/${page ?? 'overview'}`));
    },
    stop: () => app.close(),
  };
}

async function commandLine(home: string, program: Program): Promise<{ executable: string; args: string[] }> {
  const { executable, appArgs } = await findElectron(program);
  return {
    executable,
    args: [
      // Chromium's sandbox cannot start as root; the sandbox of the pages (their preload, their rights) is on nevertheless.
      ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
      `--user-data-dir=${userDataFolder(home)}`,
      ...appArgs,
    ],
  };
}

/** In the command line of each process that belongs to this app. */
export const userDataFolder = (home: string): string => join(home, 'user-data');

/** The window that shows this place, now or soon. */
export async function pageAt(app: ElectronApplication, place: RegExp): Promise<Page> {
  const find = () => app.windows().find((window) => place.test(window.url()));
  await expect.poll(find, { message: `a window at ${place.source}` }).toBeDefined();
  return find()!;
}

async function anyPage(app: ElectronApplication): Promise<Page> {
  return app.windows()[0] ?? app.firstWindow();
}

export async function snapshotOf(page: Page) {
  const snapshot = await page.evaluate(() => window.lobstah?.snapshot());
  if (!snapshot) throw new Error('the page has no bridge');
  return snapshot;
}

/** What the test machine has set for itself should not reach the app. */
function plainEnv(): Record<string, string> {
  const { NODE_OPTIONS: _node, ELECTRON_RUN_AS_NODE: _run, OLLAMA_HOST: _ollama, ...env } = process.env;
  return Object.fromEntries(Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
