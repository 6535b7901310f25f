import { Worker } from 'node:worker_threads';
import { GridError } from '../protocol/errors.ts';
import type {
  WriteFailure,
  WriteOp,
  WriterReply,
  WriterRequest,
  WriteResult,
  WriteResults,
  WriterStart,
} from './write-op.ts';

export interface Writer {
  /** Resolves when the change is durable. @throws GridError ledger_failed, database_damaged, home_unwritable */
  send<Name extends WriteOp['op']>(
    op: Extract<WriteOp, { op: Name }>,
    patienceMs?: number,
  ): Promise<WriteResults[Name]>;
  /** Writes what was sent before, then ends the thread. Safe to call twice. */
  close(): Promise<void>;
}

interface Waiting {
  resolve(value: WriteResult): void;
  reject(error: GridError): void;
}

/**
 * Starts the thread and waits until it has opened the file.
 * @param threadUrl the built writer-thread where the code is bundled
 * @throws GridError what openStore throws
 */
export async function startWriter(file: string, threadUrl: URL): Promise<Writer> {
  const thread = new Worker(threadUrl, { workerData: { file } satisfies WriterStart, name: 'ledger-writer' });
  await opened(thread);

  const waiting = new Map<number, Waiting>();
  let lastTicket = 0;
  let gone: GridError | undefined;
  const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));

  function failAll(error: GridError): void {
    gone ??= error;
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
  thread.on('error', (cause) =>
    failAll(new GridError('ledger_failed', 'The thread that writes the ledger broke.', { cause })),
  );
  thread.on('exit', () => failAll(new GridError('ledger_failed', 'The ledger is closed.')));
  thread.on('message', (reply: WriterReply) => {
    if (typeof reply !== 'object' || !('answers' in reply)) return;
    for (const { ticket, outcome } of reply.answers) {
      const { resolve, reject } = waiting.get(ticket)!;
      waiting.delete(ticket);
      if ('value' in outcome) resolve(outcome.value);
      else reject(errorOf(outcome.failure));
    }
    if (waiting.size === 0) thread.unref();
  });
  // An idle ledger keeps no process alive; one with unwritten entries does.
  thread.unref();

  const post = (request: WriterRequest) => thread.postMessage(request);
  let closing = false;
  return {
    send<Name extends WriteOp['op']>(op: Extract<WriteOp, { op: Name }>, patienceMs = 0): Promise<WriteResults[Name]> {
      if (gone || closing) return Promise.reject(gone ?? new GridError('ledger_failed', 'The ledger is closed.'));
      return new Promise((resolve, reject) => {
        const ticket = (lastTicket += 1);
        if (waiting.size === 0) thread.ref();
        waiting.set(ticket, { resolve: (value) => resolve(value as WriteResults[Name]), reject });
        post({ ticket, op, patienceMs });
      });
    },
    close() {
      if (!closing) {
        closing = true;
        thread.ref();
        post('close');
      }
      return ended;
    },
  };
}

function opened(thread: Worker): Promise<void> {
  return new Promise((resolve, reject) => {
    thread.once('error', (cause) =>
      reject(new GridError('internal_error', 'The thread that writes the ledger did not start.', { cause })),
    );
    thread.once('exit', () =>
      reject(new GridError('internal_error', 'The thread that writes the ledger ended at once.')),
    );
    thread.once('message', (reply: WriterReply) => {
      if (reply === 'opened') resolve();
      else if ('notOpened' in reply) reject(errorOf(reply.notOpened));
    });
  });
}

function errorOf({ code, message, cause }: WriteFailure): GridError {
  return new GridError(code, message, { cause });
}
