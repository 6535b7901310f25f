export const RECEIPT_HEADER = 'x-lobstah-receipt';
export const REQUESTER_HEADER = 'x-lobstah-requester';
export const ORDER_HEADER = 'x-lobstah-order';
export const HELLO_HEADER = 'x-lobstah-hello';
/** 32 hex digits; a worker answers them with a signed proof of its key and address. */
export const CHALLENGE_HEADER = 'x-lobstah-challenge';
export const PROOF_HEADER = 'x-lobstah-proof';
/** Router to client: who answered and under which job id the receipt is kept. */
export const WORKER_HEADER = 'x-lobstah-worker';
export const JOB_HEADER = 'x-lobstah-job';
/** Router to client: the answer comes from outside the grid, and from where. No receipt, no credit. */
export const SOURCE_HEADER = 'x-lobstah-source';
/** One id through router, worker and logs. */
export const REQUEST_ID_HEADER = 'x-request-id';
/** SSE comment in front of `data: [DONE]`; the rest of the line is base64 JSON of a SignedReceipt. */
export const RECEIPT_COMMENT = ':lobstah-receipt:';

export function encodeHeaderJson(value: unknown): string {
  return Buffer.from(JSON.stringify(value)).toString('base64');
}

/** Longest header value looked at: an order is about 1 kB, Node refuses more than 16 kB of headers by itself. */
const MAX_HEADER_CHARACTERS = 16_384;

/** @returns undefined for whatever is not base64 of JSON */
export function decodeHeaderJson(input: unknown): unknown {
  if (typeof input !== 'string' || input.length > MAX_HEADER_CHARACTERS) return undefined;
  try {
    return JSON.parse(Buffer.from(input, 'base64').toString('utf8'));
  } catch {
    return undefined;
  }
}
