import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

/** Encrypts what has to lie on the disk for a while. The key stays inside. */
export interface Sealer {
  /** @param label what this is and where it belongs; only the same label opens it again */
  seal(plain: Uint8Array, label: string): Buffer;
  /** @returns undefined when it was changed, has another label, or was sealed with another key */
  open(sealed: Uint8Array, label: string): Buffer | undefined;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key that HKDF (RFC 5869, SHA-256) derives from the secret key of this machine, so a copy of the
 * database without `identity.json` tells nothing. The label is authenticated: a sealed text moved to another row does not
 * open. 12 random bytes of nonce are safe for 2^32 texts under one key (NIST SP 800-38D, 8.3).
 * @param purpose another purpose gives another key
 */
export function createSealer(secretKey: Uint8Array, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secretKey, Buffer.alloc(0), `lobstah ${purpose}`, 32));
  return {
    seal(plain, label) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(label));
      return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
    },
    open(sealed, label) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return undefined;
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.byteLength);
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, NONCE_BYTES), {
        authTagLength: TAG_BYTES,
      }).setAAD(Buffer.from(label));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
      } catch {
        return undefined;
      }
    },
  };
}
