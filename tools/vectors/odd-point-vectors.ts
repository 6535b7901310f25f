import type { SignatureCase } from './signature-case.ts';
import {
  assertCrafted,
  challenge,
  cofactored,
  cofactorless,
  findMessage,
  L,
  mod,
  P,
  Point,
  pubkeyOf,
  scalarFrom,
  signatureHex,
  toLittleEndian,
  TORSION,
  type CurvePoint,
} from './curve.ts';

const a = scalarFrom('odd points');
const A = Point.BASE.multiply(a);
const KEY = A.toBytes();

/** An ordinary key whose holder chooses an R that no honest signer would. */
export function oddPointVectors(): SignatureCase[] {
  return [...smallOrderR(), ...mixedOrderR(), bothMixed()];
}

function sign(r: bigint, R: Uint8Array, message: string): { k: bigint; S: bigint } {
  const k = challenge(R, KEY, message);
  return { k, S: mod(r + k * a, L) };
}

function smallOrderR(): SignatureCase[] {
  const SIGN_BIT = 1n << 255n;
  const message = 'R is the neutral element';
  const withR = (R: Uint8Array, why: string, valid: boolean): SignatureCase => {
    const { k, S } = sign(0n, R, message);
    assertCrafted(cofactorless(S, Point.ZERO, k, A), why);
    return { why, publicKey: pubkeyOf(KEY), message, signature: signatureHex(R, S), valid };
  };
  return [
    withR(
      Point.ZERO.toBytes(),
      'R is the neutral element in its own encoding: libraries differ (OpenSSL 3.0 takes it, 3.5 does not), so R of small order is refused.',
      false,
    ),
    withR(toLittleEndian(1n | SIGN_BIT), 'The same R with a sign bit on x = 0: R is compared as bytes.', false),
    withR(toLittleEndian(P + 1n), 'The same R as y = p + 1.', false),
    withR(toLittleEndian((P + 1n) | SIGN_BIT), 'The same R as y = p + 1 with the sign bit.', false),
  ];
}

function mixedOrderR(): SignatureCase[] {
  const r = scalarFrom('odd points, nonce');
  return [1n, 2n, 4n].map((multiple) => {
    const R = Point.BASE.multiply(r).add(TORSION.multiplyUnsafe(multiple));
    const message = 'R has a torsion part';
    const { k, S } = sign(r, R.toBytes(), message);
    const why = `R has a part of order ${8n / multiple}: valid with the cofactor, not without.`;
    assertCrafted(cofactored(S, R, k, A) && !cofactorless(S, R, k, A), why);
    return { why, publicKey: pubkeyOf(KEY), message, signature: signatureHex(R.toBytes(), S), valid: false };
  });
}

/** R's torsion part cancels that of [k](A + T): k has to come out as the remainder that R was made for. */
function bothMixed(): SignatureCase {
  const r = scalarFrom('odd points, both');
  const mixed: CurvePoint = A.add(TORSION);
  const key = mixed.toBytes();
  const remainder = 3n;
  const R = Point.BASE.multiply(r).add(TORSION.multiplyUnsafe(8n - remainder));
  const kOf = (message: string) => challenge(R.toBytes(), key, message);
  const message = findMessage('key and R have torsion parts', (text) => kOf(text) % 8n === remainder);
  const S = mod(r + kOf(message) * a, L);
  const why = 'Key and R both have a torsion part and they cancel: the equation holds without the cofactor.';
  assertCrafted(cofactorless(S, R, kOf(message), mixed), why);
  return { why, publicKey: pubkeyOf(key), message, signature: signatureHex(R.toBytes(), S), valid: true };
}
