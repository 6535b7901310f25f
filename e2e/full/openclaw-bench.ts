import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { createHome } from '../grid/lobstah-process.ts';

/** Under load each of its commands takes many times as long. */
const STEP_LIMIT_MS = 280_000;

export interface AgentAnswer {
  readonly ok: boolean;
  readonly final: string;
  readonly error?: { readonly message: string };
}

/** One openclaw and one Lobstah with homes of their own, for a story inside a namespace without a network. */
export function createBench(bin: string) {
  const home = createHome();
  const lobstahHome = createHome();
  const env = { PATH: `${bin}:/usr/local/bin:/usr/bin:/bin`, HOME: home, LOBSTAH_HOME: lobstahHome, NO_COLOR: '1' };

  function openclaw(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      execFile(
        join(bin, 'openclaw'),
        args,
        { env, timeout: STEP_LIMIT_MS, maxBuffer: 32_000_000, cwd: home },
        (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? 1) || 1 : 0, stdout, stderr }),
      );
    });
  }

  return {
    lobstahHome,
    env,
    configFile: join(home, '.openclaw/openclaw.json'),
    openclaw,
    async agent(...more: string[]): Promise<AgentAnswer> {
      const { stdout } = await openclaw('agent', 'exec', 'Say hello', '--json', '--cwd', createHome(), ...more);
      return JSON.parse(stdout.slice(stdout.indexOf('{'))) as AgentAnswer;
    },
    /** one JSON line per step, for the test outside */
    tell: (step: string, facts: object) => process.stdout.write(`${JSON.stringify({ step, ...facts })}\n`),
  };
}
