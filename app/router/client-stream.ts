import type { ServerResponse } from 'node:http';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import type { PeerStream } from './peer-stream.ts';

/**
 * What a streaming client has been sent. Nothing of an answer before its first content: until then another peer can take over
 * without anybody seeing it.
 */
export class ClientStream {
  /** the point of no return */
  begun = false;
  /** what came before the first content, of the peer that is being asked */
  private head: Buffer[] = [];
  private readonly response: ServerResponse;
  private readonly signal: AbortSignal;

  constructor(response: ServerResponse, signal: AbortSignal) {
    this.response = response;
    this.signal = signal;
  }

  /** Another peer is asked: what the last one had said so far was seen by nobody. */
  startOver(): void {
    this.head = [];
  }

  /** @param headers of the response, when this is its beginning */
  take(piece: Buffer, stream: PeerStream, headers: () => Record<string, string>): Promise<void> | undefined {
    if (this.begun) return writeOrWait(this.response, piece, this.signal);
    this.head.push(piece);
    if (!stream.reader.begun) return undefined;
    this.begun = true;
    for (const [name, value] of Object.entries({ ...SSE_HEADERS, ...headers() })) this.response.setHeader(name, value);
    const [first = piece] = this.head;
    const whole = this.head.length === 1 ? first : Buffer.concat(this.head);
    this.head = [];
    return writeOrWait(this.response, whole, this.signal);
  }
}
