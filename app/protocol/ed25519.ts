import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { isStrictPoint, isStrictScalar } from './ed25519-strict.ts';
import { formatPubkey, pubkeyBytes, type Pubkey } from './pubkey.ts';

/**
 * Ed25519 on the hot path: OpenSSL (BoringSSL in Electron) through node:crypto, about fourteen times as fast as curve code in
 * JavaScript. `ed25519-portable.ts` gives the same answers without node:crypto; both are held to the same vectors.
 */

/** DER around 32 raw bytes, RFC 8410 sections 4 and 7. */
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex');
const PKCS8_PREFIX = Buffer.from('302e020100300506032b657004220420', 'hex');

/** Building a KeyObject costs more than a verification. A router talks to hundreds of keys, an attacker may show it millions. */
const MAX_CACHED_KEYS = 4096;
const publicKeys = new Map<Pubkey, KeyObject | undefined>();

function publicKeyObject(pubkey: Pubkey): KeyObject | undefined {
  if (publicKeys.has(pubkey)) return publicKeys.get(pubkey);
  const raw = pubkeyBytes(pubkey);
  const key = isStrictPoint(raw)
    ? createPublicKey({ key: Buffer.concat([SPKI_PREFIX, raw]), format: 'der', type: 'spki' })
    : undefined;
  if (publicKeys.size >= MAX_CACHED_KEYS) publicKeys.clear();
  publicKeys.set(pubkey, key);
  return key;
}

/** Who signs: the secret stays inside. */
export interface Signer {
  readonly pubkey: Pubkey;
  /** @returns 128 lowercase hex digits */
  sign(message: string): string;
}

/** @param secretKey the 32-byte seed of RFC 8032 */
export function createSigner(secretKey: Uint8Array): Signer {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_PREFIX, secretKey]), format: 'der', type: 'pkcs8' });
  const spki = createPublicKey(key).export({ format: 'der', type: 'spki' });
  return {
    pubkey: formatPubkey(spki.subarray(SPKI_PREFIX.length)),
    sign: (message) => sign(null, Buffer.from(message), key).toString('hex'),
  };
}

const SIGNATURE = /^[0-9a-f]{128}$/;

/** Strict Ed25519 over the UTF-8 bytes of `message`. Never throws: a signature that cannot be one is simply not valid. */
export function verifySignature(message: string, signature: string, pubkey: Pubkey): boolean {
  if (!SIGNATURE.test(signature)) return false;
  const bytes = Buffer.from(signature, 'hex');
  if (!isStrictPoint(bytes.subarray(0, 32)) || !isStrictScalar(bytes.subarray(32))) return false;
  const key = publicKeyObject(pubkey);
  return key !== undefined && verify(null, Buffer.from(message), key, bytes);
}

/** @returns 64 lowercase hex digits */
export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
