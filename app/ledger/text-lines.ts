/** Lines of a stream of bytes, whatever its chunks. `text` is undefined for one longer than `maxBytes`, which is not kept. */
export interface TextLine {
  /** from 1, as editors count */
  readonly number: number;
  readonly text: string | undefined;
}

const LF = 0x0a;

/** Takes LF and CR LF, leaves out blank lines (they count), and holds never more than one line and one chunk. */
export async function* textLines(chunks: AsyncIterable<Uint8Array>, maxBytes: number): AsyncGenerator<TextLine> {
  let number = 0;
  let parts: Buffer[] = [];
  let bytes = 0;
  const keep = (part: Buffer) => {
    bytes += part.length;
    if (bytes <= maxBytes) parts.push(part);
    else parts = [];
  };
  const end = (): TextLine | undefined => {
    number += 1;
    const text =
      bytes > maxBytes
        ? undefined
        : Buffer.concat(parts)
            .toString('utf8')
            .replace(/^\uFEFF/, '')
            .trim();
    parts = [];
    bytes = 0;
    return text === '' ? undefined : { number, text };
  };
  for await (const chunk of chunks) {
    const buffer = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength);
    let from = 0;
    for (let at = buffer.indexOf(LF); at !== -1; at = buffer.indexOf(LF, from)) {
      keep(buffer.subarray(from, at));
      const line = end();
      if (line) yield line;
      from = at + 1;
    }
    // Copied: a stream may use its chunk again.
    if (from < buffer.length) keep(Buffer.from(buffer.subarray(from)));
  }
  if (bytes === 0) return;
  const line = end();
  if (line) yield line;
}
