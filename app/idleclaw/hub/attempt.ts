import type { InferenceErrorCode } from '../frames.ts';
import type { HubChunk } from './node-frames.ts';

export type FailureWhy = InferenceErrorCode | 'lost' | 'stalled' | 'overtime';

export type AttemptEnd =
  | { readonly kind: 'done'; readonly doneReason: string | undefined }
  | { readonly kind: 'failed'; readonly why: FailureWhy }
  /** whoever asked wants no more */
  | { readonly kind: 'stopped' };

export interface AttemptTimes {
  readonly betweenChunksMs: number;
  readonly deadlineAtMs: number;
}

/** One request under way at one node. Only the socket of that node can feed it: it is found in that node's own map. */
export class Attempt {
  readonly requestId: string;
  readonly ended: Promise<AttemptEnd>;
  readonly startedAtMs: number;
  /** something for the consumer has come: from here on no other node can take over in silence */
  begun = false;
  private readonly times: AttemptTimes;
  private readonly onChunk: (chunk: HubChunk) => void;
  private lastActivityMs: number;
  private settle: (end: AttemptEnd) => void = () => undefined;
  private over = false;

  constructor(requestId: string, times: AttemptTimes, nowMs: number, onChunk: (chunk: HubChunk) => void) {
    this.requestId = requestId;
    this.times = times;
    this.startedAtMs = nowMs;
    this.lastActivityMs = nowMs;
    this.onChunk = onChunk;
    this.ended = new Promise((resolve) => (this.settle = resolve));
  }

  take(chunk: HubChunk, nowMs: number): void {
    if (this.over) return;
    this.lastActivityMs = nowMs;
    this.begun ||= chunk.content !== '' || chunk.thinking !== '' || chunk.toolCalls.length > 0;
    try {
      this.onChunk(chunk);
    } catch {
      // A chunk that cannot be passed on (arguments nested deeper than any code can follow) is a failure of its node, not ours.
      this.end({ kind: 'failed', why: 'ollama_error' });
      return;
    }
    if (chunk.done) this.end({ kind: 'done', doneReason: chunk.doneReason });
  }

  /** The first end counts. */
  end(end: AttemptEnd): void {
    if (this.over) return;
    this.over = true;
    this.settle(end);
  }

  checkTime(nowMs: number): void {
    if (nowMs >= this.times.deadlineAtMs) this.end({ kind: 'failed', why: 'overtime' });
    else if (nowMs - this.lastActivityMs >= this.times.betweenChunksMs) this.end({ kind: 'failed', why: 'stalled' });
  }
}
