import type { ServerResponse } from 'node:http';
import { SSE_HEADERS, writeOrWait } from '../http/sse.ts';
import type { ShownAs } from './chunk-template.ts';
import type { PeerStream } from './peer-stream.ts';

/** Clients take a silent connection for a dead one, and most read comments as silence: so a chunk that says nothing. */
const HEARTBEAT_MS = 5_000;

/**
 * What a streaming client has been sent. Nothing of an answer before its first content: until then another peer can take over
 * without anybody seeing it. While that takes long, empty chunks say that somebody is at work.
 */
export class ClientStream {
  /** the point of no return */
  begun = false;
  /** What the client has been told by heartbeats; the answer goes on under the same name. */
  shown: ShownAs | undefined;
  /** what came before the first content, of the peer that is being asked */
  private head: Buffer[] = [];
  private heartbeat: NodeJS.Timeout | undefined;
  private readonly response: ServerResponse;
  private readonly signal: AbortSignal;

  constructor(
    response: ServerResponse,
    signal: AbortSignal,
    heartbeats: { readonly as: ShownAs; readonly ms?: number },
  ) {
    this.response = response;
    this.signal = signal;
    const { id, model } = heartbeats.as;
    this.heartbeat = setInterval(() => {
      if (!this.shown) {
        this.shown = heartbeats.as;
        this.head = []; // it carries another name
        this.onShown?.(heartbeats.as);
        this.open({});
      }
      const chunk = {
        id,
        object: 'chat.completion.chunk',
        created: Math.floor(Date.now() / 1000),
        model,
        choices: [{ index: 0, delta: { content: '' }, finish_reason: null }],
      };
      if (!response.writableNeedDrain) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    }, heartbeats.ms ?? HEARTBEAT_MS);
  }

  /** the peer that is being asked is told when its chunks get another name */
  private onShown: ((shown: ShownAs) => void) | undefined;

  /** Another peer is asked: what the last one had said so far was seen by nobody. */
  tryPeer({ reader }: PeerStream): void {
    this.head = [];
    this.onShown = (shown) => reader.showAs(shown);
    if (this.shown) reader.showAs(this.shown);
  }

  /** @param headers of the response, when this is its beginning */
  take(piece: Buffer, stream: PeerStream, headers: () => Record<string, string>): Promise<void> | undefined {
    if (this.begun) return writeOrWait(this.response, piece, this.signal);
    this.head.push(piece);
    if (!stream.reader.begun) return undefined;
    this.begun = true;
    this.close();
    if (!this.shown) this.open(headers());
    // After a heartbeat it is too late for headers: who answers is said in comments then.
    if (this.shown) this.head.unshift(Buffer.from(commentsOf(headers())));
    const whole = this.head.length === 1 ? piece : Buffer.concat(this.head);
    this.head = [];
    return writeOrWait(this.response, whole, this.signal);
  }

  /** No heartbeats any more. */
  close(): void {
    clearInterval(this.heartbeat);
    this.heartbeat = undefined;
  }

  private open(headers: Record<string, string>): void {
    for (const [name, value] of Object.entries({ ...SSE_HEADERS, ...headers })) this.response.setHeader(name, value);
  }
}

function commentsOf(headers: Record<string, string>): string {
  return Object.entries(headers)
    .map(([name, value]) => `: ${name}: ${value}\n\n`)
    .join('');
}
