import type { RequestHandler } from 'express';
import { GridError } from '../protocol/errors.ts';

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '::1'];

/** 'mac.local:17474' → 'mac.local', '[::1]:17474' → '::1'; undefined when it is no Host header. */
export function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:/@[\]]+))(?::\d{1,5})?$/.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

/**
 * Answers only to names it knows. Without this a page whose DNS name is made to point at 127.0.0.1 is "same origin" with a
 * local server and may read its answers (DNS rebinding).
 */
export function hostGuard(
  allowedNames: readonly string[] = [],
  /** addresses that come and go while the server runs */
  alsoNow: () => readonly string[] = () => [],
): RequestHandler {
  const allowed = new Set([...LOOPBACK_NAMES, ...allowedNames.map((name) => name.toLowerCase())]);
  return (request, _response, next) => {
    const name = hostName(request.headers.host);
    if (name === undefined || !(allowed.has(name) || alsoNow().includes(name)))
      throw new GridError(
        'host_not_allowed',
        `The Host name '${(request.headers.host ?? '').slice(0, 80)}' is not one this server answers to.`,
      );
    next();
  };
}

/**
 * No web page may call: browsers put Origin or Sec-Fetch-Site on every request of a page, programs put neither. A page can
 * otherwise POST text/plain to 127.0.0.1 without asking anybody and spend the owner's credit.
 */
export function originGuard(allowedOrigins: readonly string[] = []): RequestHandler {
  return (request, _response, next) => {
    const { origin } = request.headers;
    const site = request.headers['sec-fetch-site'];
    const foreignOrigin = origin !== undefined && !allowedOrigins.includes(origin);
    const foreignSite = site === 'cross-site' || site === 'same-site';
    if (foreignOrigin || foreignSite) throw new GridError('origin_not_allowed');
    next();
  };
}
