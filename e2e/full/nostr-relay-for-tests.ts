import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

/** A real relay, in Rust, by people who know nothing of us: it comes with the package nostr-sdk of PyPI. Tests only. */
const PACKAGE = 'nostr-sdk==0.45.1';
const PIP_TIMEOUT_MS = 120_000;
const START_TIMEOUT_MS = 20_000;

const RUN = `
import asyncio
from nostr_sdk import LocalRelay

async def main():
    relay = LocalRelay()
    await relay.run()
    print(await relay.url(), flush=True)
    await asyncio.Event().wait()

asyncio.run(main())
`;

/** @returns the folder with the package, fetched when it is not there yet, or why there is none */
export async function nostrRelayForTests(): Promise<{ folder: string } | { missing: string }> {
  const cache = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lobstah-tools-for-tests');
  const folder = join(cache, PACKAGE);
  if (existsSync(folder)) return { folder };
  mkdirSync(cache, { recursive: true });
  const making = `${folder}.${process.pid}.new`;
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--target', making, PACKAGE];
    await promisify(execFile)('python3', args, { timeout: PIP_TIMEOUT_MS });
    renameSync(making, folder);
    return { folder };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    return { missing: `pip could not fetch it: ${(stderr?.trim().split('\n').at(-1) || String(code)).slice(0, 200)}` };
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}

export async function startNostrRelay(folder: string): Promise<{ url: string; child: ChildProcess } & Disposable> {
  const child = spawn('python3', ['-c', RUN], {
    env: { ...process.env, PYTHONPATH: folder },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the relay does not start')), START_TIMEOUT_MS);
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer);
      resolve(line);
    });
    child.once('exit', () => reject(new Error('the relay ended')));
  });
  return { url, child, [Symbol.dispose]: () => void child.kill('SIGKILL') };
}
