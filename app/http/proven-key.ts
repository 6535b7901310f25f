import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Pubkey } from '../protocol/pubkey.ts';

/** Beside the connection, not on it: nothing that arrives over it can write here. */
const keys = new WeakMap<object, Pubkey>();

/** The other end of this connection has proved that it holds the secret of this key. */
export function setProvenKey(connection: Duplex, pubkey: Pubkey): void {
  keys.set(connection, pubkey);
}

/** undefined for every connection that proves nothing, which is all of TCP */
export function provenKeyOf(request: Pick<IncomingMessage, 'socket'>): Pubkey | undefined {
  return keys.get(request.socket);
}
