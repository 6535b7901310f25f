import { PendingBytes } from '../http/pending-bytes.ts';
import { LineEnds, MAX_EVENT_BYTES } from '../http/sse.ts';
import type { FinishReason } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import { decodeHeaderJson, RECEIPT_COMMENT } from '../protocol/headers.ts';
import { isPeerError, parseChunk, type Chunk } from './answer-chunk.ts';
import { dataOfLatin1, learnTemplate, renameEvent, type ChunkTemplate, type ShownAs } from './chunk-template.ts';

/** Who wants the contents of an answer, and not only to pass it on. */
export interface AnswerListener {
  /** a piece of content, each UTF-8 byte as one character (latin1) */
  text(latin1: string): void;
  /** whatever else a chunk can carry */
  chunk(chunk: Chunk): void;
}

/** A stream whose chunks differ in more than their text is read chunk by chunk; this often is tried before that is believed. */
const MAX_TEMPLATES = 8;

const LF = 10;
/** Anything but a byte that stands for itself inside a JSON string: control characters, the quote, the backslash. */
const NOT_PLAIN = /[^\x20-\x21\x23-\x5b\x5d-\xff]/;

/**
 * Reads along while the answer of a peer passes: has it begun, has it ended, how much arrived. Most chunks of an answer differ
 * in nothing but their text; those are recognised by what surrounds it, without being parsed, and whole runs of them go on as
 * the bytes they came in. Everything else is parsed.
 */
export class AnswerReader {
  /** UTF-8 bytes of content, reasoning and tool arguments */
  answerBytes = 0;
  deltas = 0;
  toolCalls = 0;
  /** bytes as they came, whatever is in them */
  rawBytes = 0;
  /** whole events, comments among them */
  events = 0;
  finishReason: FinishReason | undefined;
  usage: NonNullable<Chunk['usage']> | undefined;
  /** what the peer calls its answer */
  named: ShownAs | undefined;
  /** `[DONE]` was read */
  done = false;
  /** what the peer sent as its receipt, unread */
  receipt: unknown;

  /** What the client was told already: every chunk from here on carries it, whoever answers. */
  private shown: ShownAs | undefined;
  private renamed = '';

  private readonly lineEnds = new LineEnds();
  private readonly pending = new PendingBytes();
  private template: ChunkTemplate | undefined;
  private templatesLeft = MAX_TEMPLATES;
  private readonly listener: AnswerListener | undefined;

  constructor(listener?: AnswerListener) {
    this.listener = listener;
  }

  /** Gives all chunks this id and model. */
  showAs(shown: ShownAs): void {
    this.shown = shown;
    this.template = undefined;
  }

  /** The first content, tool call or reasoning arrived: the point of no return for silent failover. */
  get begun(): boolean {
    return this.deltas > 0 || this.finishReason !== undefined;
  }

  /**
   * @returns the events that are whole now, as the client may have them: without comments, receipt and `[DONE]`
   * @throws GridError peer_misbehaved for what cannot be read, peer_refused with what the peer says inside the stream
   */
  push(bytes: Buffer): Buffer | undefined {
    this.rawBytes += bytes.length;
    const fresh = this.lineEnds.normalise(bytes);
    if (!fresh.includes('\n\n') && !(fresh[0] === LF && this.pending.lastByte === LF)) {
      // No event ends here: what is kept is not looked at again until one does, however small the pieces are.
      this.keep(fresh);
      return undefined;
    }
    return this.readBlock(this.pending.length === 0 ? fresh : this.pending.take(fresh));
  }

  private keep(bytes: Buffer): void {
    this.pending.append(bytes);
    if (this.pending.length > MAX_EVENT_BYTES)
      throw new GridError('peer_misbehaved', 'The peer sent an event of more than 4 MB.');
  }

  private readBlock(block: Buffer): Buffer | undefined {
    const text = block.toString('latin1');
    let out: Buffer | undefined;
    let runStart = 0;
    let at = 0;
    const endRun = (until: number): void => {
      if (until <= runStart) return;
      const run = block.subarray(runStart, until);
      out = out ? Buffer.concat([out, run]) : run;
    };
    while (!this.done) {
      while (text.charCodeAt(at) === LF) at += 1; // more blank lines separate nothing more
      const end = text.indexOf('\n\n', at);
      if (end < 0) break;
      this.events += 1;
      if (!this.readText(text, at, end) && !this.readEvent(text.slice(at, end))) {
        endRun(at);
        runStart = end + 2;
      }
      at = end + 2;
    }
    if (this.shown) {
      out = this.renamed === '' ? undefined : Buffer.from(this.renamed, 'latin1');
      this.renamed = '';
    } else endRun(at);
    // What comes after [DONE] is nobody's.
    if (!this.done && at < block.length) this.keep(block.subarray(at));
    return out;
  }

  /** The fast way. @returns false when this event is not just text in what surrounded the text before */
  private readText(text: string, start: number, end: number): boolean {
    const { template } = this;
    if (!template) return false;
    const from = start + template.before.length;
    const to = end - template.after.length;
    if (to < from || !text.startsWith(template.before, start) || !text.startsWith(template.after, to)) return false;
    const middle = text.slice(from, to);
    if (NOT_PLAIN.test(middle)) {
      const unescaped = unescape(middle);
      if (unescaped === undefined) return false;
      this.count(unescaped.length);
      this.listener?.text(unescaped);
    } else {
      this.count(middle.length);
      this.listener?.text(middle);
    }
    if (this.shown) this.renamed += `${template.shownBefore}${middle}${template.shownAfter}\n\n`;
    return true;
  }

  private count(bytes: number): void {
    this.answerBytes += bytes;
    if (bytes > 0) this.deltas += 1;
  }

  /** @returns whether the client may have it */
  private readEvent(event: string): boolean {
    if (event.startsWith(':')) {
      if (event.startsWith(RECEIPT_COMMENT))
        this.receipt = decodeHeaderJson(event.slice(RECEIPT_COMMENT.length).trim());
      return false;
    }
    const data = dataOfLatin1(event);
    if (data === undefined) return false;
    if (data === '[DONE]') {
      this.done = true;
      return false;
    }
    const chunk = parseChunk(Buffer.from(data, 'latin1').toString('utf8'));
    if (!chunk) throw new GridError('peer_misbehaved', 'The peer sent a chunk that cannot be read.');
    if (isPeerError(chunk))
      throw new GridError('peer_refused', `The peer says: ${chunk.message}`, {
        details: { refusal: chunk.type, status: null },
      });
    this.readChunk(chunk);
    if (this.shown) this.renamed += `${renameEvent(event, this.shown)}\n\n`;
    if (this.templatesLeft > 0) {
      const learned = learnTemplate(event, chunk, this.shown);
      if (learned) {
        this.template = learned;
        this.templatesLeft -= 1;
      }
    }
    return true;
  }

  private readChunk(chunk: Chunk): void {
    if (chunk.id && chunk.model) this.named ??= { id: chunk.id, model: chunk.model };
    for (const { delta, finish_reason } of chunk.choices) {
      let bytes = 0;
      for (const text of [delta?.content, delta?.reasoning_content, delta?.reasoning])
        if (text) bytes += Buffer.byteLength(text);
      for (const call of delta?.tool_calls ?? []) {
        // The name of a function is generated too; a new one starts a call.
        if (call.function?.name) this.toolCalls += 1;
        bytes += Buffer.byteLength(call.function?.name ?? '') + Buffer.byteLength(call.function?.arguments ?? '');
      }
      this.count(bytes);
      if (finish_reason) this.finishReason = finishReasonOf(finish_reason);
    }
    if (chunk.usage) this.usage = chunk.usage;
    this.listener?.chunk(chunk);
  }
}

/** What a JSON string stands for, as latin1; undefined when it is not the inside of one. */
function unescape(middle: string): string | undefined {
  try {
    const text: unknown = JSON.parse(`"${Buffer.from(middle, 'latin1').toString('utf8')}"`);
    return typeof text === 'string' ? Buffer.from(text).toString('latin1') : undefined;
  } catch {
    return undefined;
  }
}

const FINISH_REASONS: readonly string[] = ['stop', 'length', 'tool_calls', 'content_filter'];

function finishReasonOf(text: string): FinishReason {
  return FINISH_REASONS.includes(text) ? (text as FinishReason) : 'stop';
}
