import type { RequestHandler } from 'express';
import { GridError } from '../protocol/errors.ts';
import { hostName } from './guard.ts';

const LOOPBACK_ADDRESS = /^(?:127\.|::1$|::ffff:127\.)/;

/**
 * Only for programs of this machine: a path that says more than others should know. A tunnel to this port comes from loopback
 * too, but under the name that the world knows, so the Host name has to be a local one as well.
 */
export const localOnly: RequestHandler = (request, _response, next) => {
  const name = hostName(request.headers.host);
  const local = name !== undefined && ['127.0.0.1', 'localhost', '::1'].includes(name);
  if (!local || !LOOPBACK_ADDRESS.test(request.socket.remoteAddress ?? '') || request.headers['x-forwarded-for'])
    throw new GridError('not_found', `There is nothing at ${request.method} ${request.path.slice(0, 120)}.`);
  next();
};
