import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const SCRIPT = fileURLToPath(new URL('./append-forever.ts', import.meta.url));

export interface Appender {
  readonly child: ChildProcess;
  /** job ids it has printed so far: the ledger said that they are durable */
  readonly acknowledged: string[];
  /** how often the ledger refused an entry */
  refusals(): number;
  readonly ended: Promise<number | null>;
  /** SIGKILL, and waits until it is gone */
  kill(): Promise<void>;
}

export interface AppenderInput {
  readonly file: string;
  readonly role: 'worker' | 'router';
  /** number of its first job */
  readonly first: number;
  readonly count?: number;
  readonly inFlight?: number;
  /** no file that it writes may become larger (RLIMIT_FSIZE) */
  readonly maxFileBytes?: number;
}

/** append-forever.ts as a child. */
export function startAppender(input: AppenderInput): Appender {
  const { file, role, first, count = 1_000_000, inFlight = 1, maxFileBytes } = input;
  const command = [process.execPath, SCRIPT, file, role, String(first), String(count), String(inFlight)];
  // POSIX counts the limit of a file in blocks of 512 bytes.
  const limited = ['sh', '-c', `ulimit -f ${Math.floor((maxFileBytes ?? 0) / 512)} && exec "$@"`, 'sh', ...command];
  const [program = '', ...args] = maxFileBytes === undefined ? command : limited;
  const child = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    // Most of a short life is compiling.
    env: { ...process.env, NODE_COMPILE_CACHE: join(tmpdir(), 'lobstah-compile-cache') },
  });
  const acknowledged: string[] = [];
  let refusals = 0;
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines)
      if (line === '!') refusals += 1;
      else acknowledged.push(line);
  });
  const ended = once(child, 'close').then(([code]) => code as number | null);
  return {
    child,
    acknowledged,
    refusals: () => refusals,
    ended,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}
