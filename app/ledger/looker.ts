import { Worker } from 'node:worker_threads';
import { GridError } from '../protocol/errors.ts';
import type { Look, LookReply, LookRequest, LookResults } from './look-loop.ts';
import type { ThreadStart } from './thread-start.ts';

export interface Looker {
  /** @throws GridError ledger_failed */
  ask<Name extends Look['look']>(look: Extract<Look, { look: Name }>): Promise<LookResults[Name]>;
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: LookResults[Look['look']]): void;
  reject(error: GridError): void;
}

/**
 * Asks in a thread that is started with the first question: most processes never ask one. A thread that broke is started
 * anew with the next question, because looking changes nothing.
 */
export function createLooker(file: string, threadUrl: URL): Looker {
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let lastTicket = 0;
  let closed = false;

  function failAll(error: GridError): void {
    thread = undefined;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function start(): Worker {
    const started = new Worker(threadUrl, {
      workerData: { work: 'look', file } satisfies ThreadStart,
      name: 'ledger-looker',
    });
    started.on('error', (cause) =>
      failAll(new GridError('ledger_failed', 'The thread that reads the ledger broke.', { cause })),
    );
    started.on('exit', () => failAll(new GridError('ledger_failed', 'The ledger is closed.')));
    started.on('message', (reply: LookReply) => {
      const asked = waiting.get(reply.ticket);
      waiting.delete(reply.ticket);
      if ('value' in reply) asked?.resolve(reply.value);
      else asked?.reject(new GridError(reply.failure.code, reply.failure.message, { cause: reply.failure.cause }));
      if (waiting.size === 0) started.unref();
    });
    return started;
  }

  return {
    ask<Name extends Look['look']>(look: Extract<Look, { look: Name }>): Promise<LookResults[Name]> {
      if (closed) return Promise.reject(new GridError('ledger_failed', 'The ledger is closed.'));
      const asked = (thread ??= start());
      return new Promise((resolve, reject) => {
        const ticket = (lastTicket += 1);
        asked.ref();
        waiting.set(ticket, { resolve: (value) => resolve(value as LookResults[Name]), reject });
        asked.postMessage({ ticket, look } satisfies LookRequest);
      });
    },
    async close() {
      closed = true;
      await thread?.terminate();
    },
  };
}
