import { utilityProcess } from 'electron';
import { parseFromLlamaHost } from '../app/engine/builtin/llama-messages.ts';
import type { SpawnLlamaHost } from '../app/engine/builtin/llama-process.ts';

/** llama.cpp in a utility process: with the runAsNode fuse off, Electron's program is no Node that could be forked. */
export function llamaUtilityProcess(entry: string): SpawnLlamaHost {
  return (config) => {
    const child = utilityProcess.fork(entry, [JSON.stringify(config)], {
      serviceName: 'lobstah-llama',
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    let isKilled = false;
    return {
      get pid() {
        return child.pid;
      },
      send: (message) => child.postMessage(message),
      onMessage: (listener) => void child.on('message', (message: unknown) => listener(parseFromLlamaHost(message))),
      onExit: (listener) => void child.once('exit', (code) => listener(`exit code ${code}`)),
      // The app lives until it is quit, helpers or not.
      hold: () => undefined,
      kill(signal) {
        // Electron ends a child that has not started yet only by its own means.
        if (child.pid === undefined || (signal === 'SIGTERM' && !isKilled)) child.kill();
        else process.kill(child.pid, signal);
        isKilled = true;
      },
    };
  };
}
