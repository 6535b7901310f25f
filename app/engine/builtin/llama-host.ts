import { asGridError } from '../../protocol/errors.ts';
import { parseLlamaHostConfig, parseToLlamaHost, type FromLlamaHost, type LlamaChatMessage } from './llama-messages.ts';
import { openLlamaRunner, type LlamaRunner } from './llama-runner.ts';

/**
 * The process with llama.cpp in it: nothing that happens here can block or take down the grid. One chat at a time, the others
 * wait in order. It lives no longer than its parent: the channel closes with it, also on kill -9.
 */
const config = parseLlamaHostConfig(JSON.parse(process.argv[2] ?? '{}'));
const running = new Map<number, AbortController>();
let loading: Promise<LlamaRunner> | undefined;
let queue = Promise.resolve();

function send(message: FromLlamaHost): void {
  if (process.connected) process.send?.(message);
}

function openOnce(): Promise<LlamaRunner> {
  loading ??= openLlamaRunner(config).catch((error: unknown) => {
    loading = undefined;
    throw error;
  });
  return loading;
}

async function answer(chat: LlamaChatMessage, signal: AbortSignal): Promise<void> {
  const { chatNumber } = chat;
  let runner: LlamaRunner | undefined;
  let before = 0;
  try {
    signal.throwIfAborted();
    runner = await openOnce();
    before = runner.outputTokens();
    const result = await runner.run(
      chat,
      (text, isReasoning) => send({ type: 'delta', chatNumber, text, isReasoning }),
      signal,
    );
    send({ type: 'finish', chatNumber, ...result });
  } catch (error) {
    if (signal.aborted)
      send({ type: 'aborted', chatNumber, outputTokens: runner ? runner.outputTokens() - before : 0 });
    else send(failure(chatNumber, error, runner === undefined));
  } finally {
    running.delete(chatNumber);
  }
}

function failure(chatNumber: number, error: unknown, isLoading: boolean): FromLlamaHost {
  const { code, message } = asGridError(error, 'engine_error');
  if (code === 'context_exceeded' || code === 'engine_refused') return { type: 'failed', chatNumber, code, message };
  // For whoever runs this machine; the sentence for the client must not carry paths.
  process.stderr.write(`lobstah: built-in engine: ${error instanceof Error ? error.message : String(error)}\n`);
  const sentence = isLoading
    ? 'llama.cpp could not load the model on this machine.'
    : 'llama.cpp failed while answering.';
  return { type: 'failed', chatNumber, code: 'engine_error', message: sentence };
}

process.on('message', (input: unknown) => {
  const message = parseToLlamaHost(input);
  if (message.type === 'abort') {
    running.get(message.chatNumber)?.abort();
    return;
  }
  const controller = new AbortController();
  running.set(message.chatNumber, controller);
  queue = queue.then(() => answer(message, controller.signal));
});
process.on('disconnect', () => process.exit(0));
// Ctrl-C reaches the whole group; the parent lets running answers end and then closes this one.
process.on('SIGINT', () => undefined);
