import type { RequestHandler } from 'express';
import { GridError } from '../../protocol/errors.ts';
import type { Hub } from './hub.ts';
import type { KeyRing } from './key-ring.ts';
import type { TokenBuckets } from './token-buckets.ts';

export function tooManyRequests(hub: Hub, what: string, retryAfterSeconds: number): GridError {
  hub.metrics.refused(`too many ${what}`);
  // `detail` is word for word what existing clients know.
  return new GridError('rate_limited', undefined, { details: { detail: 'Too many requests', retryAfterSeconds } });
}

/** Before the body is read: who asks too often does not get to send megabytes. */
export function rateDoor(hub: Hub, buckets: TokenBuckets, what: string): RequestHandler {
  return (request, _response, next) => {
    const wait = buckets.take(hub.addressOf(request), hub.deps.clock.nowMs());
    if (wait > 0) throw tooManyRequests(hub, what, wait);
    next();
  };
}

/** Leaves a name of the key in `response.locals.keyName`. */
export function keyDoor(hub: Hub, keys: KeyRing, realm: string): RequestHandler {
  return (request, response, next) => {
    const name = keys.nameOf(request.headers.authorization);
    if (name === undefined) {
      hub.metrics.refused('wrong key');
      // Guessing is bounded like everything else that needs no key.
      const wait = hub.otherRate.take(hub.addressOf(request), hub.deps.clock.nowMs());
      if (wait > 0) throw tooManyRequests(hub, 'wrong keys', wait);
      response.set('www-authenticate', `Basic realm="${realm}", charset="UTF-8"`);
      throw new GridError('key_invalid');
    }
    response.locals['keyName'] = name;
    next();
  };
}

/** For the pages that the owner named: the web frontend lives at another origin than the hub. */
export function crossOrigin(allowedOrigins: readonly string[]): RequestHandler {
  return (request, response, next) => {
    const { origin } = request.headers;
    if (origin === undefined || !allowedOrigins.includes(origin)) return next();
    response.set({ 'access-control-allow-origin': origin, vary: 'origin' });
    if (request.method !== 'OPTIONS') return next();
    response
      .set({
        'access-control-allow-methods': 'GET, POST',
        'access-control-allow-headers': 'content-type',
        'access-control-max-age': '600',
      })
      .sendStatus(204);
  };
}
