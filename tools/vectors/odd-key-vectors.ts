import type { SignatureCase } from './signature-case.ts';
import {
  assertCrafted,
  challenge,
  cofactored,
  cofactorless,
  findMessage,
  mod,
  P,
  Point,
  pubkeyOf,
  scalarFrom,
  signatureHex,
  TORSION,
  toLittleEndian,
  L,
  type CurvePoint,
} from './curve.ts';

/** Keys that no generator makes: of small order, in a second encoding, off the curve, or with a torsion part. */
export function oddKeyVectors(): SignatureCase[] {
  return [...smallOrderKeys(), ...secondEncodings(), ...noPoints(), ...mixedOrderKeys()];
}

const SIGN_BIT = 1n << 255n;

/**
 * A key of small order makes [k]A vanish for one message in eight or more: R = [r]B, S = r is then "its" signature, and
 * nobody needs a secret. Such a message is looked for, so that only the rule about keys can refuse it.
 */
function forgedFor(key: Uint8Array, A: CurvePoint, why: string): SignatureCase {
  const r = scalarFrom(`forged for ${Buffer.from(key).toString('hex')}`);
  const R = Point.BASE.multiply(r);
  const holds = (message: string) => cofactorless(r, R, challenge(R.toBytes(), key, message), A);
  const message = findMessage('anything at all', holds);
  assertCrafted(holds(message), why);
  return { why, publicKey: pubkeyOf(key), message, signature: signatureHex(R.toBytes(), r), valid: false };
}

function smallOrderKeys(): SignatureCase[] {
  return Array.from({ length: 8 }, (_, index) => {
    const A = TORSION.multiplyUnsafe(BigInt(index));
    const order = [1, 8, 4, 8, 2, 8, 4, 8][index];
    assertCrafted(A.clearCofactor().is0(), 'a key of small order');
    return forgedFor(
      A.toBytes(),
      A,
      `A key of order ${order} (point ${index} of 8): the equation holds, but there is no secret behind it.`,
    );
  });
}

/** The six texts of small-order points that are not their canonical encoding. */
function secondEncodings(): SignatureCase[] {
  const zero = Point.ZERO;
  const minusOne = TORSION.multiplyUnsafe(4n);
  const quarter = TORSION.multiplyUnsafe(2n);
  const texts: readonly [value: bigint, A: CurvePoint, name: string][] = [
    [1n | SIGN_BIT, zero, 'y = 1 with the sign bit, although x is 0'],
    [(P - 1n) | SIGN_BIT, minusOne, 'y = -1 with the sign bit, although x is 0'],
    [P, quarter, 'y = p, which stands for 0'],
    [P | SIGN_BIT, quarter.negate(), 'y = p with the sign bit'],
    [P + 1n, zero, 'y = p + 1, which stands for 1'],
    [(P + 1n) | SIGN_BIT, zero, 'y = p + 1 with the sign bit'],
  ];
  return texts.map(([value, A, name]) =>
    forgedFor(toLittleEndian(value), A, `A second encoding of a small-order key: ${name}.`),
  );
}

function noPoints(): SignatureCase[] {
  const R = Point.BASE.multiply(scalarFrom('no point'));
  const signature = signatureHex(R.toBytes(), scalarFrom('no point either'));
  const offCurve = firstY((y) => !isOnCurve(y));
  // Between p + 2 and 2^255 - 1 some y stand for points of full order; nobody knows their secrets, but libraries differ.
  const second = P + firstY((y) => y > 1n && isOnCurve(y));
  return [
    {
      why: `y = ${offCurve} is on no point of the curve.`,
      publicKey: pubkeyOf(toLittleEndian(offCurve)),
      valid: false,
    },
    {
      why: `y = p + ${second - P}: a second encoding of a point of full order.`,
      publicKey: pubkeyOf(toLittleEndian(second)),
      valid: false,
    },
    { why: 'All bits set: y is above p.', publicKey: pubkeyOf(Buffer.alloc(32, 0xff)), valid: false },
  ].map((entry) => ({ ...entry, message: 'no key', signature }));
}

function firstY(fits: (y: bigint) => boolean): bigint {
  for (let y = 0n; y < 19n; y += 1n) if (fits(y)) return y;
  throw new Error('no such y below 19');
}

function isOnCurve(y: bigint): boolean {
  try {
    Point.fromBytes(toLittleEndian(y));
    return true;
  } catch {
    return false;
  }
}

/**
 * A + T, T of order 8: the holder of the secret can sign so that libraries with and without the cofactor disagree. We are
 * without, so the same key signs validly for some messages and not for others; both are held to it.
 */
function mixedOrderKeys(): SignatureCase[] {
  const a = scalarFrom('mixed key');
  const r = scalarFrom('mixed key, nonce');
  const A = Point.BASE.multiply(a).add(TORSION);
  const key = A.toBytes();
  const R = Point.BASE.multiply(r);
  const signedFor = (message: string) => {
    const k = challenge(R.toBytes(), key, message);
    return { k, S: mod(r + k * a, L) };
  };
  const sign = (message: string, why: string, valid: boolean): SignatureCase => {
    const { k, S } = signedFor(message);
    assertCrafted(cofactored(S, R, k, A) && cofactorless(S, R, k, A) === valid, why);
    return { why, publicKey: pubkeyOf(key), message, signature: signatureHex(R.toBytes(), S), valid };
  };
  const vanishes = (message: string) => signedFor(message).k % 8n === 0n;
  return [
    sign(
      findMessage('a key with a torsion part', (message) => !vanishes(message)),
      'A key with a torsion part, k not divisible by 8: valid with the cofactor, not without.',
      false,
    ),
    sign(
      findMessage('a key with a torsion part', vanishes),
      'The same key and k divisible by 8: valid either way. Keys with a torsion part are not refused as such.',
      true,
    ),
  ];
}
