import { Worker } from 'node:worker_threads';
import { GridError } from '../protocol/errors.ts';
import type { ThreadStart } from './thread-start.ts';
import type { WriteFailure, WriteOp, WriterReply, WriterRequest, WriteResult, WriteResults } from './write-op.ts';

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

/** A thread that has opened the file, and what it has not answered yet. */
interface Running {
  readonly thread: Worker;
  readonly waiting: Map<number, Waiting>;
  readonly ended: Promise<void>;
  answered: boolean;
}

const CLOSED = 'The ledger is closed.';

/**
 * Starts the thread and waits until it has opened the file.
 *
 * A thread that breaks fails what it had not answered: nobody knows whether that is on the disk, and whoever sent it sends it
 * again (an entry that is there counts once). It is replaced, unless it is itself a replacement that never answered anything:
 * then something is wrong that a third one would not cure.
 * @param threadUrl the built ledger-thread where the code is bundled
 * @throws GridError what openStore throws
 */
export async function startWriter(file: string, threadUrl: URL): Promise<Writer> {
  let closing = false;
  let lastTicket = 0;
  /** rejected when there is no writer any more */
  let current: Promise<Running> = start(false);
  await current;

  async function start(isReplacement: boolean): Promise<Running> {
    const thread = new Worker(threadUrl, {
      workerData: { work: 'write', file } satisfies ThreadStart,
      name: 'ledger-writer',
    });
    await opened(thread);
    const ended = new Promise<void>((resolve) => thread.once('exit', () => resolve()));
    const running: Running = { thread, waiting: new Map(), ended, answered: false };
    let cause: unknown;
    thread.once('error', (thrown) => (cause = thrown));
    thread.once('exit', () => {
      const sentence = closing ? CLOSED : 'The thread that writes the ledger broke.';
      const error = new GridError('ledger_failed', sentence, { cause });
      failAll(running, error);
      if (closing) return;
      current = isReplacement && !running.answered ? Promise.reject(error) : start(true);
      // Whoever sends next is told; nobody else has to hear of it.
      current.catch(() => undefined);
    });
    thread.on('message', (reply: WriterReply) => {
      running.answered = true;
      take(running, reply);
    });
    // An idle ledger keeps no process alive; one with unwritten entries does.
    thread.unref();
    return running;
  }

  return {
    async send<Name extends WriteOp['op']>(
      op: Extract<WriteOp, { op: Name }>,
      patienceMs = 0,
    ): Promise<WriteResults[Name]> {
      if (closing) throw new GridError('ledger_failed', CLOSED);
      const { thread, waiting } = await current;
      return new Promise((resolve, reject) => {
        const ticket = (lastTicket += 1);
        if (waiting.size === 0) thread.ref();
        waiting.set(ticket, { resolve: (value) => resolve(value as WriteResults[Name]), reject });
        thread.postMessage({ ticket, op, patienceMs } satisfies WriterRequest);
      });
    },
    async close() {
      const isFirst = !closing;
      closing = true;
      const running = await current.catch(() => undefined);
      if (!running) return;
      if (isFirst) {
        running.thread.ref();
        running.thread.postMessage('close' satisfies WriterRequest);
      }
      await running.ended;
    },
  };
}

function take({ thread, waiting }: Running, reply: WriterReply): void {
  if (typeof reply !== 'object' || !('answers' in reply)) return;
  for (const { ticket, outcome } of reply.answers) {
    const { resolve, reject } = waiting.get(ticket)!;
    waiting.delete(ticket);
    if ('value' in outcome) resolve(outcome.value);
    else reject(errorOf(outcome.failure));
  }
  if (waiting.size === 0) thread.unref();
}

function failAll({ waiting }: Running, error: GridError): void {
  for (const { reject } of waiting.values()) reject(error);
  waiting.clear();
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
