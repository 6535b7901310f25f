import express, { type RequestHandler } from 'express';
import { GridError } from '../protocol/errors.ts';

/** 32 MB: a long agent conversation with a handful of images. */
export const MAX_BODY_BYTES = 32 * 1024 * 1024;

/** Reads the raw bytes of a JSON request into `request.body`: a worker hashes them, a router forwards them unchanged. */
export function rawJsonBody(limit = MAX_BODY_BYTES): RequestHandler {
  const read = express.raw({ type: () => true, limit });
  return (request, response, next) => {
    if (!request.is('application/json')) throw new GridError('not_json');
    read(request, response, next);
  };
}

/** @throws GridError bad_json */
export function parseJsonBody(body: unknown): unknown {
  if (!Buffer.isBuffer(body) || body.length === 0) throw new GridError('bad_json', 'The body is empty.');
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (error) {
    // The parser's sentence quotes the body, which may be a prompt: only its position is passed on.
    const position = /position (\d+)/.exec(error instanceof Error ? error.message : '')?.[1];
    throw new GridError('bad_json', `The body is not valid JSON${position ? ` (at character ${position})` : ''}.`);
  }
}
