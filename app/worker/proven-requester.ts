import type { RequestHandler } from 'express';
import { provenKeyOf } from '../http/proven-key.ts';
import { GridError } from '../protocol/errors.ts';
import { decodeHeaderJson, HELLO_HEADER, ORDER_HEADER, REQUESTER_HEADER } from '../protocol/headers.ts';
import type { Pubkey } from '../protocol/pubkey.ts';

/**
 * A connection of the overlay has proved its key in the handshake: that key is the requester. A header may repeat it, never name
 * another, not even with a good signature: an order is for whoever dialled, or it was taken from somebody.
 */
export function provenRequester(isBlocked: (pubkey: Pubkey) => boolean): RequestHandler {
  return (request, _response, next) => {
    const proven = provenKeyOf(request);
    if (proven === undefined) {
      next();
      return;
    }
    const named = [
      request.headers[REQUESTER_HEADER],
      nameIn(request.headers[ORDER_HEADER], 'order'),
      nameIn(request.headers[HELLO_HEADER], 'hello'),
    ];
    if (named.some((name) => name !== undefined && name !== proven)) throw new GridError('requester_mismatch');
    if (isBlocked(proven)) throw new GridError('not_sharing');
    request.headers[REQUESTER_HEADER] = proven;
    next();
  };
}

/** Whose signature a header says it carries; what cannot be read is judged where it is used. */
function nameIn(header: string | string[] | undefined, member: string): unknown {
  if (header === undefined) return undefined;
  const signed = decodeHeaderJson(header) as
    Record<string, { requesterPubkey?: unknown } | undefined> | null | undefined;
  return signed?.[member]?.requesterPubkey;
}
