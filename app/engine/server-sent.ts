import { readLines } from './lines.ts';

/**
 * The data of server-sent events (WHATWG HTML 9.2.6), comments and other fields left out. An old llama.cpp reports a failure in a
 * field of its own, `error: {…}`; it comes out as data, for it has the same shape. What follows the last blank line counts too:
 * some servers end there.
 */
export async function* readServerSent(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  let data: string[] = [];
  for await (const line of readLines(bytes)) {
    if (line === '') {
      if (data.length > 0) yield data.join('\n');
      data = [];
      continue;
    }
    const [, value] = /^(?:data|error):[ ]?(.*)$/s.exec(line) ?? [];
    if (value !== undefined) data.push(value);
  }
  if (data.length > 0) yield data.join('\n');
}
