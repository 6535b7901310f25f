/** A Lobstah public key as it is printed and sent: `lob1` + 64 lowercase hex digits of an Ed25519 public key. */
export type Pubkey = string & { readonly __brand: 'Pubkey' };

const PATTERN = /^lob1[0-9a-f]{64}$/;

export function parsePubkey(input: unknown): Pubkey | undefined {
  return typeof input === 'string' && PATTERN.test(input) ? (input as Pubkey) : undefined;
}

/** @throws RangeError when `bytes` are not the 32 bytes of an Ed25519 public key */
export function formatPubkey(bytes: Uint8Array): Pubkey {
  if (bytes.length !== 32) throw new RangeError(`an Ed25519 public key has 32 bytes, not ${bytes.length}`);
  return `lob1${Buffer.from(bytes).toString('hex')}` as Pubkey;
}

export function pubkeyBytes(pubkey: Pubkey): Buffer {
  return Buffer.from(pubkey.slice(4), 'hex');
}

/** `lob1 7a3f…c09e`: short enough for a table, long enough to tell two peers apart. */
export function shortPubkey(pubkey: string): string {
  return `lob1 ${pubkey.slice(4, 8)}…${pubkey.slice(-4)}`;
}
