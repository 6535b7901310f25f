import { schnorr } from '@noble/curves/secp256k1.js';
import { z } from 'zod';
import { createSigner } from './ed25519.ts';
import { pubkeySchema } from './receipt.ts';

const secretSchema = z.string().regex(/^[0-9a-f]{64}$/, 'not 64 lowercase hex digits');
const v1Schema = z.object({ version: z.literal(1), publicKey: pubkeySchema, secretKey: secretSchema });
const v2Schema = v1Schema.extend({
  version: z.literal(2),
  nostrPublicKey: z.string().regex(/^[0-9a-f]{64}$/),
  nostrSecretKey: secretSchema,
});

/** The content of identity.json: an Ed25519 key for the grid, a secp256k1 one (x-only, BIP 340) for Nostr. */
export type Identity = z.infer<typeof v2Schema>;

export type RandomBytes = (size: number) => Uint8Array;

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

function nostrKeys(randomBytes: RandomBytes): Pick<Identity, 'nostrPublicKey' | 'nostrSecretKey'> {
  // schnorr.keygen takes 48 bytes of seed so that the scalar is uniform (FIPS 186-5, A.2.1).
  const { secretKey, publicKey } = schnorr.keygen(randomBytes(48));
  return { nostrPublicKey: hex(publicKey), nostrSecretKey: hex(secretKey) };
}

export function createIdentity(randomBytes: RandomBytes): Identity {
  const secretKey = randomBytes(32);
  return {
    version: 2,
    publicKey: createSigner(secretKey).pubkey,
    secretKey: hex(secretKey),
    ...nostrKeys(randomBytes),
  };
}

export type ParsedIdentity = { identity: Identity; migrated: boolean } | { problem: string };

/** Reads version 1 and 2; version 1 gets fresh Nostr keys. Refuses a file whose public key is not that of its secret. */
export function parseIdentity(input: unknown, randomBytes: RandomBytes): ParsedIdentity {
  const parsed = z.union([v2Schema, v1Schema]).safeParse(input);
  if (!parsed.success) {
    const version = z.object({ version: z.unknown() }).safeParse(input);
    if (version.success && typeof version.data.version === 'number' && version.data.version > 2)
      return { problem: `it has version ${version.data.version}, this Lobstah reads 1 and 2` };
    return { problem: 'it lacks version, publicKey (lob1 + 64 hex) or secretKey (64 hex)' };
  }
  const file = parsed.data;
  if (createSigner(Buffer.from(file.secretKey, 'hex')).pubkey !== file.publicKey)
    return { problem: 'its public key does not belong to its secret key' };
  if (file.version === 2) return { identity: file, migrated: false };
  return { identity: { ...file, version: 2, ...nostrKeys(randomBytes) }, migrated: true };
}
