import { spawn } from 'node:child_process';
import { accessSync, constants, readdirSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { GridError } from '../../protocol/errors.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** openclaw's own command line: everything that is done to openclaw is done by it. */
export interface OpenclawCommand {
  readonly path: string;
  /** @throws GridError openclaw_failed with what openclaw said */
  run(args: readonly string[], signal?: AbortSignal, input?: string): Promise<string>;
  /** @returns undefined where openclaw says there is no such thing */
  tryRun(args: readonly string[], signal?: AbortSignal): Promise<string | undefined>;
}

/** Its slowest commands take half a minute on a slow machine. */
const LIMIT_MS = 180_000;
const MAX_OUTPUT = 8_000_000;
/** How much of what openclaw says is worth showing when it fails. */
const SHOWN_LINES = 4;

/** LOBSTAH_OPENCLAW names it; else the PATH; else where installers put it, because an app on a Mac is given hardly any PATH. */
export function findOpenclaw(env: Env): OpenclawCommand | undefined {
  const named = env['LOBSTAH_OPENCLAW'];
  const folders = searchFolders(env);
  const path = named
    ? [named].find(isExecutable)
    : folders.map((folder) => join(folder, 'openclaw')).find(isExecutable);
  return path === undefined ? undefined : createCommand(path, env, folders);
}

function searchFolders(env: Env): string[] {
  const home = env['HOME'] ?? homedir();
  const nvm = join(home, '.nvm/versions/node');
  return [
    ...(env['PATH'] ?? '').split(delimiter).filter(Boolean),
    '/opt/homebrew/bin',
    '/usr/local/bin',
    ...['.openclaw/bin', '.npm-global/bin', '.local/bin', '.volta/bin', '.bun/bin', 'Library/pnpm'].map((folder) =>
      join(home, folder),
    ),
    ...foldersIn(nvm).map((version) => join(nvm, version, 'bin')),
  ];
}

/** Newest name first, near enough to newest version first. */
function foldersIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort().reverse();
  } catch {
    return []; // no nvm here
  }
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function createCommand(path: string, env: Env, folders: readonly string[]): OpenclawCommand {
  // openclaw is a Node script: the Node beside it is the one it was installed with.
  const { NODE_OPTIONS: _, ...rest } = env;
  const childEnv = { ...rest, PATH: [dirname(path), ...folders].join(delimiter), NO_COLOR: '1', FORCE_COLOR: '0' };

  function spawnIt(
    args: readonly string[],
    signal?: AbortSignal,
    input?: string,
  ): Promise<{ code: number | null; stdout: string; said: string }> {
    return new Promise((resolve, reject) => {
      const limit = AbortSignal.timeout(LIMIT_MS);
      const child = spawn(path, args, {
        env: childEnv,
        stdio: ['pipe', 'pipe', 'pipe'],
        signal: signal ? AbortSignal.any([signal, limit]) : limit,
      });
      child.stdin.on('error', () => undefined); // it did not want to read; its exit code says whether that matters
      child.stdin.end(input ?? '');
      let stdout = '';
      let stderr = '';
      child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout = (stdout + part).slice(-MAX_OUTPUT)));
      child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr = (stderr + part).slice(-MAX_OUTPUT)));
      child.once('error', (error) =>
        reject(
          signal?.aborted
            ? error
            : new GridError(
                'openclaw_failed',
                limit.aborted ? `'${describe(args)}' did not end in time.` : `'${path}' could not be started.`,
                { cause: error },
              ),
        ),
      );
      child.once('close', (code) => resolve({ code, stdout, said: `${stdout}\n${stderr}` }));
    });
  }

  return {
    path,
    async run(args, signal, input) {
      const { code, stdout, said } = await spawnIt(args, signal, input);
      if (code === 0) return stdout;
      throw new GridError('openclaw_failed', `'${describe(args)}' failed: ${lastLines(said)}`);
    },
    async tryRun(args, signal) {
      const { code, stdout } = await spawnIt(args, signal);
      return code === 0 ? stdout : undefined;
    },
  };
}

/** A command as a person would type it. */
export function describe(args: readonly string[]): string {
  return [
    'openclaw',
    ...args.map((arg) => (/^[\w./:@=-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", String.raw`'\''`)}'`)),
  ].join(' ');
}

function lastLines(text: string): string {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  return lines.slice(-SHOWN_LINES).join(' ') || 'it said nothing.';
}
