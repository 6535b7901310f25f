import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { isStrictPoint, isStrictScalar } from './ed25519-strict.ts';
import { pubkeyBytes, type Pubkey } from './pubkey.ts';

const { Point } = ed25519;

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/**
 * The same answers as `verifySignature`, in plain JavaScript. The equation is the cofactorless one of RFC 8032 5.1.7 that
 * OpenSSL checks, [S]B - [k]A = R compared as bytes; noble's own verify multiplies by the cofactor and would accept more.
 */
export function verifySignaturePortable(message: string, signature: string, pubkey: Pubkey): boolean {
  if (!/^[0-9a-f]{128}$/.test(signature)) return false;
  const bytes = Buffer.from(signature, 'hex');
  const key = pubkeyBytes(pubkey);
  const isStrict = isStrictPoint(bytes.subarray(0, 32)) && isStrictScalar(bytes.subarray(32)) && isStrictPoint(key);
  if (!isStrict) return false;
  try {
    const A = Point.fromBytes(key);
    const k = littleEndian(sha512(Buffer.concat([bytes.subarray(0, 32), key, Buffer.from(message)]))) % Point.Fn.ORDER;
    const SB = Point.BASE.multiplyUnsafe(littleEndian(bytes.subarray(32)));
    const R = SB.subtract(A.multiplyUnsafe(k));
    return Buffer.compare(R.toBytes(), bytes.subarray(0, 32)) === 0;
  } catch {
    return false; // not a point on the curve
  }
}
