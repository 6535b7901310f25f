import type { Request } from 'express';
import { REQUEST_ID_HEADER } from '../protocol/headers.ts';

const REQUEST_ID = /^[\w.-]{8,64}$/;

/** One id through router, worker and logs: the caller's own when it sent one that can be printed anywhere. */
export function requestIdOf(request: Request, randomHex: (bytes: number) => string): string {
  const given = request.headers[REQUEST_ID_HEADER];
  return typeof given === 'string' && REQUEST_ID.test(given) ? given : randomHex(16);
}
