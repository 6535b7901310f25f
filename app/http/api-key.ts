import { createHash, timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { GridError } from '../protocol/errors.ts';

const digest = (text: string) => createHash('sha256').update(text).digest();

/** Lets nobody in who does not show the key as `Authorization: Bearer`. Takes as long for a wrong key as for the right one. */
export function apiKeyGuard(apiKey: string): RequestHandler {
  const wanted = digest(apiKey);
  return (request, _response, next) => {
    const shown = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
    if (shown === undefined || !timingSafeEqual(digest(shown), wanted)) throw new GridError('key_required');
    next();
  };
}
