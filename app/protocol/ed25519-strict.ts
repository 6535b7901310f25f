/**
 * What a key and a signature must look like before the curve is asked at all. Libraries differ here: OpenSSL 3.0 takes keys
 * and R of small order, 3.5 refuses both, @noble/curves takes them and non-canonical encodings by default. Refusing all of it
 * first makes every implementation give the same answer (RFC 8032 5.1.7; "Taming the many EdDSAs", Chalkias et al. 2020).
 */
const P = 2n ** 255n - 19n;
/** Order of the prime-order subgroup, RFC 8032 section 5.1. */
const L = 2n ** 252n + 27742317777372353535851937790883648493n;
/** y coordinates of the eight points whose order divides the cofactor (the two signs of x share a y). */
const SMALL_ORDER_Y: ReadonlySet<bigint> = new Set([
  0n,
  1n,
  P - 1n,
  2707385501144840649318225287225658788936804267575313519463743609750303402022n,
  55188659117513257062467267217118295137698188065244968500265048394206261417927n,
]);

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`);
}

/** The encoding is the only one of its point, and the point has an order above 8. Says nothing about being on the curve. */
export function isStrictPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== 32) return false;
  const y = littleEndian(bytes) & (2n ** 255n - 1n);
  return y < P && !SMALL_ORDER_Y.has(y);
}

/** S below L: otherwise S + L would be a second valid signature of the same message. */
export function isStrictScalar(bytes: Uint8Array): boolean {
  return bytes.length === 32 && littleEndian(bytes) < L;
}
