import { spawn, type ChildProcess } from 'node:child_process';

/** Is told of nothing but its end: it prints nothing and is asked nothing. */
type Spawn = (file: string, args: readonly string[]) => Pick<ChildProcess, 'kill' | 'on'>;

/** Without a shell that could hold it, macOS has a program for it; it ends with us, however we end (-w). */
export function caffeinate(
  spawnProgram: Spawn = (file, args) => spawn(file, args, { stdio: 'ignore' }),
): (on: boolean) => void {
  let running: Pick<ChildProcess, 'kill' | 'on'> | undefined;
  return (on) => {
    if (!on) {
      running?.kill();
      running = undefined;
    } else if (!running) {
      running = spawnProgram('caffeinate', ['-i', '-w', String(process.pid)]);
      // A Mac that falls asleep is no reason to fail.
      running.on('error', () => (running = undefined));
    }
  };
}
