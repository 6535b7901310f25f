import { Duplex } from 'node:stream';
import type { BiStream, RecvStream, SendStream } from '@number0/iroh';

const READ_BYTES = 64 * 1024;
/** A write that waits for the other side cannot be taken back, so what is handed over at once is bounded. */
const WRITE_BYTES = 256 * 1024;
const GONE = 1n;

type Done = (error?: Error | null) => void;

export interface StreamWatch {
  /** bytes arrived */
  onHeard(): void;
  /** closed for good; `isBroken` when it did not end in order */
  onClosed(isBroken: boolean): void;
}

/**
 * One stream of a QUIC connection as the socket that Node's HTTP server and undici expect. Bytes cross the binding as arrays of
 * numbers and each crossing costs, so small writes are put together.
 */
export class StreamDuplex extends Duplex {
  private readonly send: SendStream;
  private readonly receive: RecvStream;
  private readonly watch: StreamWatch;
  private idle: NodeJS.Timeout | undefined;

  constructor(stream: BiStream, watch: StreamWatch) {
    super({ allowHalfOpen: true, readableHighWaterMark: READ_BYTES, writableHighWaterMark: READ_BYTES });
    this.send = stream.send;
    this.receive = stream.recv;
    this.watch = watch;
  }

  override _read(): void {
    this.receive.read(READ_BYTES).then(
      (bytes) => {
        if (this.destroyed) return;
        this.idle?.refresh();
        this.watch.onHeard();
        this.push(bytes.length === 0 ? null : Buffer.from(bytes));
      },
      (error: unknown) => this.destroy(connectionLost(error)),
    );
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: Done): void {
    this.writeAll(chunk).then(
      () => done(),
      (error: unknown) => done(connectionLost(error)),
    );
  }

  override _writev(chunks: { chunk: Buffer }[], done: Done): void {
    this._write(Buffer.concat(chunks.map(({ chunk }) => chunk)), 'utf8', done);
  }

  private async writeAll(bytes: Buffer): Promise<void> {
    this.idle?.refresh();
    for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
      if (this.destroyed) throw new Error('closed');
      await this.send.writeAll(Array.from(bytes.subarray(at, at + WRITE_BYTES)));
    }
  }

  override _final(done: Done): void {
    this.send.finish().then(
      () => done(),
      (error: unknown) => done(connectionLost(error)),
    );
  }

  override _destroy(error: Error | null, done: Done): void {
    clearTimeout(this.idle);
    // Each waits for what is under way in its direction; the other side ends that when it sees that this one is gone.
    const isWhole = this.writableFinished && this.readableEnded;
    if (!this.writableFinished) quietly(this.send.reset(GONE));
    if (!this.readableEnded) quietly(this.receive.stop(GONE));
    this.watch.onClosed(error !== null || !isWhole);
    done(error);
  }

  /** As a socket does: says when nothing came or went for so long. */
  setTimeout(ms: number, onTimeout?: () => void): this {
    clearTimeout(this.idle);
    this.idle = ms > 0 ? setTimeout(() => this.emit('timeout'), ms).unref() : undefined;
    if (onTimeout) this.once('timeout', onTimeout);
    return this;
  }

  // What else a socket can do, and a stream need not.
  setNoDelay(): this {
    return this;
  }
  setKeepAlive(): this {
    return this;
  }
  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
}

/** Named as a broken TCP connection is: who reads it need not know which way it went. */
function connectionLost(thrown: unknown): Error {
  return Object.assign(new Error('the connection to the peer was lost', { cause: thrown }), { code: 'ECONNRESET' });
}

/** A stream that is gone already needs no saying goodbye. */
function quietly(promise: Promise<unknown>): void {
  promise.catch(() => undefined);
}
