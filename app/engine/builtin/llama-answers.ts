import { asGridError } from '../../protocol/errors.ts';
import { parseToLlamaHost, type FromLlamaHost, type LlamaChatMessage, type LlamaHostConfig } from './llama-messages.ts';
import { openLlamaRunner, type LlamaRunner } from './llama-runner.ts';

/**
 * Loads the model when it is first asked and answers one chat at a time, the others wait in order. What carries the messages
 * (a child of Node, a utility process of Electron) is the caller's business.
 * @returns takes each message of the parent, unparsed
 */
export function createLlamaAnswers(
  config: LlamaHostConfig,
  send: (message: FromLlamaHost) => void,
): (input: unknown) => void {
  const running = new Map<number, AbortController>();
  let loading: Promise<LlamaRunner> | undefined;
  let queue = Promise.resolve();

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
        {
          text: (text, isReasoning) => send({ type: 'delta', chatNumber, text, isReasoning }),
          call: (name, args) => send({ type: 'call', chatNumber, name, arguments: args }),
        },
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

  return (input) => {
    const message = parseToLlamaHost(input);
    if (message.type === 'abort') {
      running.get(message.chatNumber)?.abort();
      return;
    }
    const controller = new AbortController();
    running.set(message.chatNumber, controller);
    queue = queue.then(() => answer(message, controller.signal));
  };
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
