import { GridError } from '../protocol/errors.ts';
import { readLines } from './lines.ts';

/**
 * The values of a newline-delimited JSON stream.
 * @throws GridError engine_error for a line that is not JSON or has no end; what the stream itself throws passes through
 */
export async function* readNdjson(bytes: AsyncIterable<Uint8Array>): AsyncGenerator {
  for await (const line of readLines(bytes)) if (line.trim()) yield parseEngineJson(line);
}

/** @throws GridError engine_error */
export function parseEngineJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new GridError('engine_error', 'The engine sent a line that is not JSON.', { cause: error });
  }
}
