import childProcess from 'node:child_process';
import { EventEmitter } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';

/** What node-llama-cpp asks of the child it would fork, and what the child says when all is well. */
const ANSWERS: Readonly<Record<string, string>> = { start: 'loaded', test: 'done' };

/**
 * On Linux node-llama-cpp tries its binary in a forked Node before it loads it. A packaged app has no Node to fork: with the
 * runAsNode fuse off a fork would start the app a second time. And this process is one that may crash already. So the trial is
 * answered here, without a child.
 */
export function answerLlamaTrial(): void {
  if (process.platform !== 'linux') return;
  childProcess.fork = (() => {
    const child = new EventEmitter();
    const say = (event: string, value: unknown) => setImmediate(() => child.emit(event, value));
    say('message', { type: 'ready' });
    return Object.assign(child, {
      exitCode: null,
      kill: () => true,
      send: ({ type }: { type: string }) =>
        type === 'exit' ? say('exit', 0) : say('message', { type: ANSWERS[type] }),
    });
  }) as unknown as typeof childProcess.fork;
  syncBuiltinESMExports();
}
