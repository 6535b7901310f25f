import { Worker } from 'node:worker_threads';
import { GridError } from '../protocol/errors.ts';
import type { ThreadStart } from './thread-start.ts';
import type { WriteFailure } from './write-op.ts';

/** From the thread of a task: any number of the first, then one of the others. */
export type TaskReply<Result, Progress> =
  { readonly progress: Progress } | { readonly result: Result } | { readonly failure: WriteFailure };

export interface TaskOptions<Progress> {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
}

/**
 * Runs one long work in a thread of its own. When the signal aborts, it rejects at once with the signal's reason, and the
 * thread ends as soon as SQLite lets go of it.
 * @throws GridError what the work failed with; the reason of the signal
 */
export async function runTask<Result, Progress>(
  threadUrl: URL,
  start: ThreadStart,
  { signal, onProgress }: TaskOptions<Progress>,
): Promise<Result> {
  signal?.throwIfAborted();
  const thread = new Worker(threadUrl, { workerData: start, name: `ledger-${start.work}` });
  return new Promise<Result>((resolve, reject) => {
    const cancel = () => {
      void thread.terminate();
      reject(signal?.reason as Error);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    thread.on('message', (reply: TaskReply<Result, Progress>) => {
      if ('progress' in reply) onProgress?.(reply.progress);
      else if ('result' in reply) resolve(reply.result);
      else reject(new GridError(reply.failure.code, reply.failure.message, { cause: reply.failure.cause }));
    });
    thread.on('error', (cause) => reject(new GridError('ledger_failed', 'The ledger could not be read.', { cause })));
    thread.on('exit', () => {
      signal?.removeEventListener('abort', cancel);
      reject(new GridError('ledger_failed', 'The thread that reads the ledger ended early.'));
    });
  });
}
