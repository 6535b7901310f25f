import { ed25519 } from '@noble/curves/ed25519.js';
import { sha512 } from '@noble/hashes/sha2.js';
import { formatPubkey, type Pubkey } from '../../app/protocol/pubkey.ts';

/**
 * Ed25519 in pieces (RFC 8032 section 5.1), to make the signatures that no honest signer makes. Everything follows from the
 * names handed in, so that the vectors are the same at every run.
 */
export const { Point } = ed25519;
export type CurvePoint = InstanceType<typeof Point>;
/** order of the prime-order subgroup */
export const L = Point.Fn.ORDER;
/** the field */
export const P = 2n ** 255n - 19n;

/** Eight points have an order that divides the cofactor; this one has order 8 and makes the others as its multiples. */
export const TORSION = Point.fromHex('c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a');

export function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

export function toLittleEndian(value: bigint): Buffer {
  return Buffer.from(value.toString(16).padStart(64, '0'), 'hex').reverse();
}

export function mod(value: bigint, modulus: bigint): bigint {
  return ((value % modulus) + modulus) % modulus;
}

/** A secret scalar below L. */
export function scalarFrom(name: string): bigint {
  return mod(littleEndian(sha512(Buffer.from(`lobstah vectors: ${name}`))), L);
}

/** k of RFC 8032 5.1.7 step 2, reduced: for keys with a torsion part the reduction matters, and libraries reduce. */
export function challenge(R: Uint8Array, key: Uint8Array, message: string): bigint {
  return mod(littleEndian(sha512(Buffer.concat([R, key, Buffer.from(message)]))), L);
}

export function pubkeyOf(bytes: Uint8Array): Pubkey {
  return formatPubkey(bytes);
}

export function signatureHex(R: Uint8Array, S: bigint): string {
  return Buffer.concat([R, toLittleEndian(S)]).toString('hex');
}

/** [S]B = R + [k]A as points: what a library checks that looks at no encoding and no order. */
export function cofactorless(S: bigint, R: CurvePoint, k: bigint, A: CurvePoint): boolean {
  return Point.BASE.multiplyUnsafe(mod(S, L)).equals(R.add(A.multiplyUnsafe(k)));
}

/** [8][S]B = [8]R + [8][k]A: what RFC 8032 allows too, and batch verification needs. */
export function cofactored(S: bigint, R: CurvePoint, k: bigint, A: CurvePoint): boolean {
  const left = Point.BASE.multiplyUnsafe(mod(S, L)).clearCofactor();
  return left.equals(R.add(A.multiplyUnsafe(k)).clearCofactor());
}

/** The first of "base 0", "base 1", … for which `fits` holds: how a challenge with a wanted remainder is found. */
export function findMessage(base: string, fits: (message: string) => boolean): string {
  for (let number = 0; number < 10_000; number += 1) {
    const message = `${base} ${number}`;
    if (fits(message)) return message;
  }
  throw new Error(`no message found for ${base}`);
}

/** A vector must be wrong for the reason it names and for no other. */
export function assertCrafted(holds: boolean, what: string): void {
  if (!holds) throw new Error(`the crafted signature is not what it should be: ${what}`);
}
