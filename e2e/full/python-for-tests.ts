import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const LIMIT_MS = 300_000;
/** The newest at the time of writing; another version is another folder. */
const OPENAI = 'openai==3.57.0';

export type PythonForTests = { readonly python: string } | { readonly missing: string };

/** A Python with the official SDK, in an environment of its own outside the checkout, or why there is none. */
export async function pythonForTests(): Promise<PythonForTests> {
  const folder = join(process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'lobstah-python-for-tests', OPENAI);
  const python = join(folder, 'bin', 'python');
  const ready = join(folder, 'ready');
  if (existsSync(ready)) return { python };
  try {
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(dirname(folder), { recursive: true });
    await run('python3', ['-m', 'venv', folder], { timeout: LIMIT_MS });
    await run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', OPENAI], {
      timeout: LIMIT_MS,
    });
    mkdirSync(`${ready}-now`);
    renameSync(`${ready}-now`, ready);
    return { python };
  } catch (error) {
    const { code, stderr } = error as { code?: unknown; stderr?: string };
    const reason = stderr?.trim().split('\n').at(-1) || String(code ?? error);
    return { missing: `Python's SDK could not be installed: ${reason.slice(0, 200)}` };
  }
}
