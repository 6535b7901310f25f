import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

export const OPENCLAW_VERSION = '2026.9.6';

/** Outside of every checkout; OPENCLAW_FOR_TESTS names another folder with the same two packages. */
const CACHE =
  process.env['OPENCLAW_FOR_TESTS'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), `lobstah-tests/openclaw-${OPENCLAW_VERSION}`);

/** openclaw calls out by default: it runs in a namespace whose only network is loopback, or not at all. */
export function canIsolate(): boolean {
  return process.platform === 'linux' && spawnSync('unshare', ['-n', 'ip', 'link', 'set', 'lo', 'up']).status === 0;
}

/** @returns the folder with its commands, or why it cannot be had */
export function installOpenclaw(): { bin: string } | { reason: string } {
  const bin = join(CACHE, 'node_modules/.bin');
  if (existsSync(join(bin, 'openclaw'))) return { bin };
  mkdirSync(CACHE, { recursive: true });
  try {
    // 650 MB: installed once. The Node of this run is new enough for its install scripts.
    execFileSync(
      'npm',
      ['install', '--prefix', CACHE, `openclaw@${OPENCLAW_VERSION}`, 'node@26', '--no-audit', '--no-fund'],
      { stdio: 'ignore', timeout: 900_000 },
    );
    return { bin };
  } catch (error) {
    return { reason: `openclaw ${OPENCLAW_VERSION} cannot be installed from npm here (${(error as Error).message})` };
  }
}
