import { GridError } from '../protocol/errors.ts';

/** No honest line is longer: a tool call with a whole file in it stays far below. Guards the memory of this process. */
const MAX_LINE_CHARACTERS = 32 * 1024 * 1024;

/**
 * The values of a newline-delimited JSON stream, however its bytes were cut up on the way.
 * @throws GridError engine_error for a line that is not JSON; what the stream itself throws passes through
 */
export async function* readNdjson(bytes: AsyncIterable<Uint8Array>): AsyncGenerator {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      const line = rest.slice(start, end);
      start = end + 1;
      if (line.trim()) yield parseLine(line);
    }
    rest = rest.slice(start);
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new GridError('engine_error', 'The engine sent a line without an end.');
  }
  rest += decoder.decode();
  if (rest.trim()) yield parseLine(rest);
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new GridError('engine_error', 'The engine sent a line that is not JSON.', { cause: error });
  }
}
