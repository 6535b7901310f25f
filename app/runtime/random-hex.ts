import { randomBytes } from 'node:crypto';

const POOL_BYTES = 8 * 1024;

/** Random hex digits, two a byte: asked of the system in larger pieces, because asking costs more than the bytes do. */
export function createRandomHex(): (bytes: number) => string {
  let pool = Buffer.alloc(0);
  let used = 0;
  return (bytes) => {
    if (used + bytes > pool.length) {
      pool = randomBytes(Math.max(POOL_BYTES, bytes));
      used = 0;
    }
    const taken = pool.subarray(used, used + bytes);
    used += bytes;
    const hex = taken.toString('hex');
    taken.fill(0); // each byte serves once
    return hex;
  };
}
