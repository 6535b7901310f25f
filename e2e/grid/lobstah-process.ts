import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const MAIN = join(import.meta.dirname, '../../app/cli/main.ts');
const START_LIMIT_MS = 30_000;

export interface LobstahProcess {
  readonly child: ChildProcess;
  readonly home: string;
  readonly pubkey: string;
  readonly workerUrl: string;
  readonly routerUrl: string;
  readonly trackerUrl: string;
  output(): string;
  /** SIGKILL, and waits until it is gone */
  kill(): Promise<void>;
  /** SIGTERM, and waits for its end. @returns its exit code */
  stop(): Promise<number | null>;
}

const homes: string[] = [];
process.once('exit', () => {
  for (const home of homes) rmSync(home, { recursive: true, force: true });
});

/** A folder of its own under the system's temporary one; removed with the process that made it. */
export function createHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'lobstah-'));
  homes.push(home);
  return home;
}

const EMPTY_ENV = { PATH: process.env['PATH'], HOME: process.env['HOME'], NO_COLOR: '1' };

/** In a network namespace, where one is named; `ip netns exec` becomes the program it starts. */
function command(args: readonly string[], netns: string | undefined): [string, string[]] {
  return netns === undefined
    ? [process.execPath, [...args]]
    : ['ip', ['netns', 'exec', netns, process.execPath, ...args]];
}

/** Runs one command to its end. */
export async function runLobstah(
  args: readonly string[],
  options: { home: string; env?: Record<string, string>; input?: string; netns?: string },
): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(...command([MAIN, ...args], options.netns), {
    env: { ...EMPTY_ENV, LOBSTAH_HOME: options.home, ...options.env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(options.input ?? '');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (stdout += part));
  child.stderr.setEncoding('utf8').on('data', (part: string) => (stderr += part));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, stdout, stderr };
}

/** Starts `up`, `worker start`, `router start` or `tracker start` with free ports, and waits until it says that it runs. */
export async function startLobstah(
  args: readonly string[],
  options: { home: string; env?: Record<string, string>; netns?: string },
): Promise<LobstahProcess> {
  const ports =
    args[0] === 'up' ? ['--worker-port', '0', '--router-port', '0', '--dashboard-port', '0'] : ['--port', '0'];
  const child = spawn(
    ...command([MAIN, ...args, ...(args.some((arg) => arg.includes('port')) ? [] : ports)], options.netns),
    {
      env: { ...EMPTY_ENV, LOBSTAH_HOME: options.home, LOBSTAH_LOG: 'debug', ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`not started in time: ${text}`)), START_LIMIT_MS);
    const read = (part: string) => {
      text += part;
      if (!text.includes('Ctrl-C stops')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    void gone.then((code) => {
      clearTimeout(timer);
      reject(new Error(`ended with ${String(code)}: ${text}`));
    });
  });
  const find = (pattern: RegExp) => pattern.exec(text)?.[1] ?? '';
  return {
    child,
    home: options.home,
    pubkey: find(/key +(lob1[0-9a-f]{64})/),
    workerUrl: find(/worker +(http:\S+)/),
    routerUrl: find(/router +(http:\S+)\/v1/),
    trackerUrl: find(/tracker +(http:\S+)/),
    output: () => text,
    async kill() {
      child.kill('SIGKILL');
      await gone;
    },
    stop() {
      child.kill('SIGTERM');
      return gone;
    },
  };
}
