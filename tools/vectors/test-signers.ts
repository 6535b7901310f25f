import { createSigner, sha256Hex, type Signer } from '../../app/protocol/ed25519.ts';

/** Keys that everybody can make again: the secret is the SHA-256 of a sentence. For vectors only. */
const SECRET_KEYS = {
  worker: sha256Hex('lobstah vectors: worker'),
  requester: sha256Hex('lobstah vectors: requester'),
} as const;

export const WORKER: Signer = signerOf(SECRET_KEYS.worker);
export const REQUESTER: Signer = signerOf(SECRET_KEYS.requester);

function signerOf(secretHex: string): Signer {
  return createSigner(Buffer.from(secretHex, 'hex'));
}
