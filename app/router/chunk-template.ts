import { parseChunk, isPeerError, type Chunk } from './answer-chunk.ts';

/** What surrounds the text in the events of one answer, each UTF-8 byte as one character (latin1). */
export interface ChunkTemplate {
  /** up to and with the quote that opens the text */
  readonly before: string;
  /** from the quote that closes it to the end of the event */
  readonly after: string;
  /** the same with the id and model that the client knows */
  readonly shownBefore: string;
  readonly shownAfter: string;
}

/** What the chunks of an answer are called towards the client. */
export interface ShownAs {
  readonly id: string;
  readonly model: string;
}

const PROBE = 'lobstah probe';

/**
 * From an event that carries content and nothing else: what is around the content. It is proved by putting another text there
 * and parsing that, so whatever the peer sends, an event that fits the template means what it is taken for.
 * @param event latin1
 */
export function learnTemplate(event: string, chunk: Chunk, shown: ShownAs | undefined): ChunkTemplate | undefined {
  const content = contentOnly(chunk);
  if (!content) return undefined;
  const json = Buffer.from(JSON.stringify(content)).toString('latin1');
  const found = /"content"\s*:\s*/g;
  for (let match = found.exec(event); match; match = found.exec(event)) {
    const start = match.index + match[0].length;
    if (!event.startsWith(json, start)) continue;
    const before = event.slice(0, start + 1);
    const after = event.slice(start + json.length - 1);
    if (!isProved(before + PROBE + after)) return undefined;
    if (!shown) return { before, after, shownBefore: before, shownAfter: after };
    const [shownBefore, shownAfter, ...more] = renameEvent(before + PROBE + after, shown).split(PROBE);
    if (shownBefore === undefined || shownAfter === undefined || more.length > 0) return undefined;
    return { before, after, shownBefore, shownAfter };
  }
  return undefined;
}

function isProved(event: string): boolean {
  if (!event.startsWith('data:') || event.includes('\n')) return false;
  const chunk = parseChunk(Buffer.from(event.slice(5), 'latin1').toString('utf8'));
  return chunk !== undefined && !isPeerError(chunk) && contentOnly(chunk) === PROBE;
}

/** The same event, latin1 too, under the id and model that the client knows. It has been read before, so it can be. */
export function renameEvent(event: string, shown: ShownAs): string {
  const chunk = JSON.parse(Buffer.from(dataOfLatin1(event) ?? '{}', 'latin1').toString('utf8')) as object;
  return `data: ${Buffer.from(JSON.stringify({ ...chunk, ...shown })).toString('latin1')}`;
}

/** The data of an event; undefined for one without any. */
export function dataOfLatin1(event: string): string | undefined {
  if (event.indexOf('\n') < 0) return event.startsWith('data:') ? event.slice(event[5] === ' ' ? 6 : 5) : undefined;
  const lines = event.split('\n').filter((line) => line.startsWith('data:'));
  return lines.length > 0 ? lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n') : undefined;
}

/** The content of a chunk that has no other meaning. */
function contentOnly(chunk: Chunk): string | undefined {
  const [choice, ...more] = chunk.choices;
  if (!choice || more.length > 0 || chunk.usage || choice.finish_reason || choice.logprobs) return undefined;
  const { delta } = choice;
  if (!delta?.content || delta.reasoning || delta.reasoning_content || delta.tool_calls?.length) return undefined;
  return delta.content;
}
