import type { Writable } from 'node:stream';
import { GridError } from '../protocol/errors.ts';

const CR = 13;
const LF = 10;
/** No event of a chat is longer; a peer that sends one is not let into memory. */
export const MAX_EVENT_BYTES = 4 * 1024 * 1024;

/**
 * Splits server-sent events (WHATWG HTML 9.2.6) as bytes, wherever the chunks were cut. Line ends CR, LF and CRLF come out as
 * LF, so an event can be passed on as it is.
 */
export class SseSplitter {
  private readonly lineEnds = new LineEnds();
  private pending: Buffer = Buffer.alloc(0);
  private scanned = 0;

  /**
   * @returns the events that are whole now, each without its closing blank line
   * @throws GridError peer_misbehaved for an event of over 4 MB
   */
  push(chunk: Buffer): Buffer[] {
    const bytes = this.lineEnds.normalise(chunk);
    this.pending = this.pending.length === 0 ? bytes : Buffer.concat([this.pending, bytes]);
    const events: Buffer[] = [];
    let start = 0;
    for (;;) {
      while (this.pending[start] === LF) start += 1; // blank lines between events separate nothing more
      const end = this.pending.indexOf('\n\n', Math.max(start, this.scanned - 1));
      if (end < 0) break;
      events.push(this.pending.subarray(start, end));
      start = end + 2;
    }
    if (start > 0) this.pending = this.pending.subarray(start);
    this.scanned = this.pending.length;
    if (this.pending.length > MAX_EVENT_BYTES)
      throw new GridError('peer_misbehaved', 'The peer sent an event of more than 4 MB.');
    return events;
  }

  /** What is left when the stream ends: not empty means it was cut inside an event. */
  rest(): Buffer {
    return this.pending;
  }
}

/** Line ends CR and CRLF become LF, wherever the chunks were cut. */
export class LineEnds {
  private afterCr = false;

  /** @returns the chunk itself when there is nothing to change */
  normalise(chunk: Buffer): Buffer {
    if (!this.afterCr && chunk.indexOf(CR) < 0) return chunk;
    const out = Buffer.allocUnsafe(chunk.length);
    let length = 0;
    for (const byte of chunk) {
      if (!(this.afterCr && byte === LF)) out[length++] = byte === CR ? LF : byte;
      this.afterCr = byte === CR;
    }
    return out.subarray(0, length);
  }
}

const COLON = 58;
const SPACE = 32;
const DATA = Buffer.from('data:');

/** The data of an event; undefined for comments and for events without data. */
export function dataOf(event: Buffer): string | undefined {
  if (event.indexOf(LF) < 0) {
    if (!event.subarray(0, 5).equals(DATA)) return undefined;
    return event.toString('utf8', event[5] === SPACE ? 6 : 5);
  }
  const lines = event
    .toString('utf8')
    .split('\n')
    .filter((line) => line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}

export function isComment(event: Buffer): boolean {
  return event[0] === COLON;
}

export const SSE_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  // nginx and its kin would hold tokens back
  'x-accel-buffering': 'no',
} as const;

/**
 * Writes. When the reader is slower than the writer there is something to wait for: memory stays flat however slow a client is.
 * @returns undefined when more can be written at once; else what resolves when it can, or rejects with the signal's reason
 */
export function writeOrWait(stream: Writable, bytes: string | Buffer, signal: AbortSignal): Promise<void> | undefined {
  signal.throwIfAborted();
  if (stream.write(bytes)) return undefined;
  return new Promise<void>((resolve, reject) => {
    const done = () => {
      stream.off('drain', done);
      stream.off('close', done);
      signal.removeEventListener('abort', aborted);
      resolve();
    };
    const aborted = () => {
      stream.off('drain', done);
      stream.off('close', done);
      reject(signal.reason as Error);
    };
    stream.once('drain', done);
    stream.once('close', done);
    signal.addEventListener('abort', aborted, { once: true });
  });
}
