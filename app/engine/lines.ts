import { GridError } from '../protocol/errors.ts';

/** No honest line is longer: a tool call with a whole file in it stays far below. Guards the memory of this process. */
const MAX_LINE_CHARACTERS = 32 * 1024 * 1024;

/**
 * The lines of a stream, without their ends (LF or CRLF), however its bytes were cut up on the way.
 * @throws GridError engine_error for a line without an end; what the stream itself throws passes through
 */
export async function* readLines(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytes) {
    rest += decoder.decode(chunk, { stream: true });
    let start = 0;
    for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n', start)) {
      yield withoutCr(rest.slice(start, end));
      start = end + 1;
    }
    rest = rest.slice(start);
    if (rest.length > MAX_LINE_CHARACTERS)
      throw new GridError('engine_error', 'The engine sent a line without an end.');
  }
  rest += decoder.decode();
  if (rest) yield withoutCr(rest);
}

const withoutCr = (line: string) => (line.endsWith('\r') ? line.slice(0, -1) : line);
