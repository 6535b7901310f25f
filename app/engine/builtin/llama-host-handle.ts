import { GridError } from '../../protocol/errors.ts';
import type { FromLlamaHost, LlamaChatMessage, LlamaHostConfig } from './llama-messages.ts';
import type { LlamaProcess, SpawnLlamaHost } from './llama-process.ts';
import { createMessageQueue, type MessageQueue } from './message-queue.ts';

type Answer = Extract<FromLlamaHost, { type: 'delta' | 'call' | 'finish' }>;

/** The life of the process with llama.cpp in it: started when asked, stopped when idle, started again after a crash. */
export interface LlamaHostHandle {
  /** Ends after a 'finish'. @throws engine_error when the process dies, the signal's reason when aborted */
  ask(message: Omit<LlamaChatMessage, 'chatNumber'>, signal: AbortSignal): AsyncIterable<Answer>;
  isRunning(): boolean;
  /** Ends the process now if it has nothing to do. @returns whether none runs any more */
  rest(): Promise<boolean>;
  close(): Promise<void>;
}

interface Host {
  readonly process: LlamaProcess;
  /** chats it still works on; an aborted one stays until it has really stopped */
  readonly chats: Map<number, MessageQueue<Answer>>;
  readonly exited: Promise<void>;
}

const KILL_AFTER_MS = 2_000;

export function createLlamaHost(deps: {
  config: LlamaHostConfig;
  spawnHost: SpawnLlamaHost;
  idleMs: number;
}): LlamaHostHandle {
  let host: Host | undefined;
  let closed = false;
  let lastChatNumber = 0;
  let idleTimer: NodeJS.Timeout | undefined;

  function start(): Host {
    const child = deps.spawnHost(deps.config);
    let onExited = () => {};
    const exited = new Promise<void>((resolve) => (onExited = resolve));
    const started: Host = { process: child, chats: new Map(), exited };
    child.onMessage((message) => deliver(started, message));
    child.onExit((reason) => {
      if (host === started) host = undefined;
      clearTimeout(idleTimer);
      const error = closed
        ? new GridError('engine_error', 'The built-in engine was closed.')
        : new GridError('engine_error', `The built-in engine ended unexpectedly (${reason}).`);
      for (const queue of started.chats.values()) queue.fail(error);
      started.chats.clear();
      onExited();
    });
    return started;
  }

  function deliver(from: Host, message: FromLlamaHost): void {
    const queue = from.chats.get(message.chatNumber);
    if (message.type === 'delta' || message.type === 'call') {
      queue?.push(message);
      return;
    }
    from.chats.delete(message.chatNumber);
    if (from.chats.size === 0) rest(from);
    if (message.type === 'finish') {
      queue?.push(message);
      queue?.end();
    } else if (message.type === 'failed') queue?.fail(new GridError(message.code, message.message));
  }

  /** Nothing to do: lets this process end, and the host too after a while. */
  function rest(idle: Host): void {
    idle.process.hold(false);
    clearTimeout(idleTimer);
    idleTimer = setTimeout(() => {
      if (host === idle) host = undefined;
      void stop(idle);
    }, deps.idleMs).unref();
  }

  return {
    isRunning: () => host !== undefined,
    async *ask(message, signal) {
      if (closed) throw new GridError('engine_error', 'The built-in engine was closed.');
      host ??= start();
      const asked = host;
      clearTimeout(idleTimer);
      asked.process.hold(true);
      const chatNumber = ++lastChatNumber;
      const queue = createMessageQueue<Answer>();
      asked.chats.set(chatNumber, queue);
      const abort = () => {
        asked.process.send({ type: 'abort', chatNumber });
        queue.fail(signal.reason);
      };
      signal.addEventListener('abort', abort, { once: true });
      asked.process.send({ ...message, chatNumber });
      try {
        for await (const answer of queue) {
          signal.throwIfAborted();
          yield answer;
        }
      } finally {
        signal.removeEventListener('abort', abort);
        // Left before the end, by a thrown error or because nobody wanted more.
        if (asked.chats.has(chatNumber) && !signal.aborted) asked.process.send({ type: 'abort', chatNumber });
      }
    },
    async rest() {
      const idle = host;
      if (!idle) return true;
      if (idle.chats.size > 0) return false;
      clearTimeout(idleTimer);
      host = undefined;
      await stop(idle);
      return true;
    },
    async close() {
      closed = true;
      clearTimeout(idleTimer);
      const last = host;
      host = undefined;
      if (last) await stop(last);
    },
  };
}

async function stop(host: Host): Promise<void> {
  host.process.hold(true);
  host.process.kill('SIGTERM');
  const timer = setTimeout(() => host.process.kill('SIGKILL'), KILL_AFTER_MS);
  await host.exited;
  clearTimeout(timer);
}
