import { GridError } from '../protocol/errors.ts';

/** A connection that breaks in mid-answer is an answer that was cut. */
export async function* untilBroken(
  bytes: AsyncIterable<Uint8Array>,
  engine: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    signal.throwIfAborted();
    throw new GridError('engine_cut', `The connection to ${engine} broke in the middle of the answer.`, {
      cause: error,
    });
  }
}
