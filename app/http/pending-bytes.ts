const FIRST_CAPACITY = 4 * 1024;
/** Until somebody needs more, this much is kept between events rather than asked for anew. */
const KEPT_CAPACITY = 64 * 1024;

/**
 * The bytes of something unfinished, in one buffer that doubles: however small the pieces are that come, keeping them costs
 * no more than twice their bytes. (A list of pieces costs a hundred bytes for each, which a peer that sends single ones
 * turns into gigabytes.)
 */
export class PendingBytes {
  private buffer = Buffer.allocUnsafe(0);
  private used = 0;

  get length(): number {
    return this.used;
  }

  get lastByte(): number | undefined {
    return this.used === 0 ? undefined : this.buffer[this.used - 1];
  }

  append(bytes: Uint8Array): void {
    const needed = this.used + bytes.length;
    if (needed > this.buffer.length) {
      const grown = Buffer.allocUnsafe(Math.max(FIRST_CAPACITY, 2 ** Math.ceil(Math.log2(needed))));
      this.buffer.copy(grown, 0, 0, this.used);
      this.buffer = grown;
    }
    this.buffer.set(bytes, this.used);
    this.used = needed;
  }

  /** @returns everything with `bytes` behind it, as a buffer of its own; nothing is pending then */
  take(bytes: Uint8Array = Buffer.alloc(0)): Buffer {
    const whole = Buffer.allocUnsafe(this.used + bytes.length);
    this.buffer.copy(whole, 0, 0, this.used);
    whole.set(bytes, this.used);
    this.used = 0;
    if (this.buffer.length > KEPT_CAPACITY) this.buffer = Buffer.allocUnsafe(0);
    return whole;
  }
}
