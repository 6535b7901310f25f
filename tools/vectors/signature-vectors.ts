import type { SignatureCase } from './signature-case.ts';
import { REQUESTER, WORKER } from './test-signers.ts';
import { oddKeyVectors } from './odd-key-vectors.ts';
import { oddPointVectors } from './odd-point-vectors.ts';
import { L, littleEndian, toLittleEndian } from './curve.ts';

/**
 * Strict Ed25519 (RFC 8032 section 5.1.7, the equation without cofactor, R compared as bytes) over the UTF-8 bytes of `message`.
 * Refused besides: keys and R of small order, keys and R that are not the one encoding of their point, S at or above L,
 * signatures that are not 128 lowercase hex digits.
 */
export function signatureVectors(): SignatureCase[] {
  return [...plainCases(), ...formCases(), ...scalarCases(), ...oddKeyVectors(), ...oddPointVectors()];
}

const MESSAGE = '{"hello":"world"}';
const SIGNATURE = WORKER.sign(MESSAGE);

function ofWorker(why: string, valid: boolean, signature: string, message = MESSAGE): SignatureCase {
  return { why, publicKey: WORKER.pubkey, message, signature, valid };
}

function plainCases(): SignatureCase[] {
  const texts = ['', 'é 😀 日本', 'a'.repeat(1000)];
  return [
    ofWorker('An ordinary signature.', true, SIGNATURE),
    ...texts.map((text) =>
      ofWorker(`A message of ${Buffer.byteLength(text)} bytes of UTF-8.`, true, WORKER.sign(text), text),
    ),
    {
      why: 'RFC 8032 section 7.1, test 1.',
      publicKey: 'lob1d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a',
      message: '',
      signature:
        'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b',
      valid: true,
    },
    {
      why: 'RFC 8032 section 7.1, test 2.',
      publicKey: 'lob13d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c',
      message: 'r',
      signature:
        '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00',
      valid: true,
    },
    ofWorker('One letter of the message differs.', false, SIGNATURE, '{"hello":"World"}'),
    ofWorker('White space that canonical JSON would not have.', false, SIGNATURE, '{"hello": "world"}'),
    ofWorker('Somebody else signed.', false, REQUESTER.sign(MESSAGE)),
    ofWorker('The first bit of R is flipped.', false, flipFirstBit(SIGNATURE, 0)),
    ofWorker('The first bit of S is flipped.', false, flipFirstBit(SIGNATURE, 32)),
    ofWorker('R and S are swapped.', false, SIGNATURE.slice(64) + SIGNATURE.slice(0, 64)),
  ];
}

function formCases(): SignatureCase[] {
  return [
    ofWorker('A digit is missing.', false, SIGNATURE.slice(0, -1)),
    ofWorker('A byte is missing.', false, SIGNATURE.slice(0, -2)),
    ofWorker('A byte too many.', false, `${SIGNATURE}00`),
    ofWorker('Only R.', false, SIGNATURE.slice(0, 64)),
    ofWorker('The empty text.', false, ''),
    ofWorker('Uppercase digits: one signature has one text.', false, SIGNATURE.toUpperCase()),
    ofWorker('A line break at the end.', false, `${SIGNATURE}\n`),
    ofWorker('With 0x in front, as some tools print it.', false, `0x${SIGNATURE}`),
    ofWorker('Base64 instead of hex.', false, Buffer.from(SIGNATURE, 'hex').toString('base64')),
    ofWorker('128 characters, one of them no hex digit.', false, `g${SIGNATURE.slice(1)}`),
    ofWorker('Zeros.', false, '0'.repeat(128)),
    ofWorker('All bits set.', false, 'f'.repeat(128)),
  ];
}

/** The equation does not change when a multiple of L is added to S: without a limit every signature would have fifteen texts. */
function scalarCases(): SignatureCase[] {
  const R = SIGNATURE.slice(0, 64);
  const S = littleEndian(Buffer.from(SIGNATURE.slice(64), 'hex'));
  const most = (2n ** 256n - 1n - S) / L;
  const withS = (scalar: bigint) => R + toLittleEndian(scalar).toString('hex');
  return [
    ofWorker('S + L: a second text for a genuine signature.', false, withS(S + L)),
    ofWorker('S + 2 L, below 2^255 still.', false, withS(S + 2n * L)),
    ofWorker(`S + ${most} L, the largest that fits into 32 bytes.`, false, withS(S + most * L)),
    ofWorker('S = L, which stands for zero.', false, withS(L)),
    ofWorker('S = L - 1 is a scalar, only not the one of this signature.', false, withS(L - 1n)),
    ofWorker('S = 0 likewise.', false, withS(0n)),
  ];
}

function flipFirstBit(signature: string, atByte: number): string {
  const bytes = Buffer.from(signature, 'hex');
  bytes.writeUInt8(bytes.readUInt8(atByte) ^ 1, atByte);
  return bytes.toString('hex');
}
