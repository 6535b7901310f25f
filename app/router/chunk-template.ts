import { parseChunk, isPeerError, type Chunk } from './answer-chunk.ts';

/** What surrounds the text in the events of one answer, each UTF-8 byte as one character (latin1). */
export interface ChunkTemplate {
  /** up to and with the quote that opens the text */
  readonly before: string;
  /** from the quote that closes it to the end of the event */
  readonly after: string;
}

const PROBE = 'lobstah probe';

/**
 * From an event that carries content and nothing else: what is around the content. It is proved by putting another text there
 * and parsing that, so whatever the peer sends, an event that fits the template means what it is taken for.
 * @param event latin1
 */
export function learnTemplate(event: string, chunk: Chunk): ChunkTemplate | undefined {
  const content = contentOnly(chunk);
  if (!content) return undefined;
  const json = Buffer.from(JSON.stringify(content)).toString('latin1');
  const found = /"content"\s*:\s*/g;
  for (let match = found.exec(event); match; match = found.exec(event)) {
    const start = match.index + match[0].length;
    if (!event.startsWith(json, start)) continue;
    const template = { before: event.slice(0, start + 1), after: event.slice(start + json.length - 1) };
    return isProved(template) ? template : undefined;
  }
  return undefined;
}

function isProved({ before, after }: ChunkTemplate): boolean {
  const event = before + PROBE + after;
  if (!event.startsWith('data:') || event.includes('\n')) return false;
  const chunk = parseChunk(Buffer.from(event.slice(5), 'latin1').toString('utf8'));
  return chunk !== undefined && !isPeerError(chunk) && contentOnly(chunk) === PROBE;
}

/** The content of a chunk that has no other meaning. */
function contentOnly(chunk: Chunk): string | undefined {
  const [choice, ...more] = chunk.choices;
  if (!choice || more.length > 0 || chunk.usage || choice.finish_reason || choice.logprobs) return undefined;
  const { delta } = choice;
  if (!delta?.content || delta.reasoning || delta.reasoning_content || delta.tool_calls?.length) return undefined;
  return delta.content;
}
