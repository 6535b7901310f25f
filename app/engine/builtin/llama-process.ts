import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseFromLlamaHost, type FromLlamaHost, type LlamaHostConfig, type ToLlamaHost } from './llama-messages.ts';

/** The process that runs llama.cpp, as the engine sees it. */
export interface LlamaProcess {
  readonly pid: number | undefined;
  send(message: ToLlamaHost): void;
  onMessage(listener: (message: FromLlamaHost) => void): void;
  /** Called once, with the reason in words. */
  onExit(listener: (reason: string) => void): void;
  /** Whether a running host keeps this process alive: only while it has something to do. */
  hold(on: boolean): void;
  kill(signal: 'SIGTERM' | 'SIGKILL'): void;
}

export type SpawnLlamaHost = (config: LlamaHostConfig) => LlamaProcess;

/** A child of this Node. Electron hands in a utility process in its place. */
export const forkLlamaHost: SpawnLlamaHost = (config) => {
  // NODE_OPTIONS of this process (a debugger, a test runner's loader) is not meant for the child.
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = fork(fileURLToPath(new URL('./llama-host.ts', import.meta.url)), [JSON.stringify(config)], {
    env,
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  let exited = false;
  return {
    pid: child.pid,
    send(message) {
      // The channel may close between two turns; what follows is the exit, which ends every chat.
      if (child.connected) child.send(message, () => undefined);
    },
    onMessage: (listener) => void child.on('message', (message: unknown) => listener(parseFromLlamaHost(message))),
    onExit(listener) {
      const once = (reason: string) => {
        if (exited) return;
        exited = true;
        listener(reason);
      };
      child.on('error', (error) => once(error.message));
      child.on('exit', (code, signal) => once(signal ? `signal ${signal}` : `exit code ${code ?? 'unknown'}`));
    },
    hold(on) {
      if (on) {
        child.ref();
        child.channel?.ref();
      } else {
        child.unref();
        child.channel?.unref();
      }
    },
    kill: (signal) => void child.kill(signal),
  };
};
