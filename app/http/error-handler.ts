import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import { ERRORS, GridError } from '../protocol/errors.ts';

/** 'detail' is what clients of IdleClaw know: `{detail: …}`, a sentence or a list of fields. */
export type ErrorShape = 'openai' | 'lobstah' | 'detail';

/** The one place where a row of the error table becomes bytes. */
export function errorBody(error: GridError, shape: ErrorShape): Record<string, unknown> {
  const message = `${error.message} ${error.hint}`;
  if (shape === 'detail') return { detail: error.details['detail'] ?? message };
  if (shape === 'lobstah') return { error: { type: error.code, message, ...error.details } };
  const { status } = ERRORS[error.code];
  const { param, ...details } = error.details;
  return {
    error: {
      message,
      type: status < 500 ? 'invalid_request_error' : 'server_error',
      param: typeof param === 'string' ? param : null,
      code: error.code,
      ...details,
    },
  };
}

/** The last middleware of every app. `shapeOf` tells which paths speak OpenAI's error shape. */
export function errorHandler(options: {
  shapeOf: (path: string) => ErrorShape;
  onUnexpected: (error: unknown) => void;
}): ErrorRequestHandler {
  return (thrown: unknown, request, response, _next) => {
    const error = gridErrorOf(thrown);
    if (error.code === 'internal_error') options.onUnexpected(thrown);
    const shape = options.shapeOf(request.path);
    if (response.headersSent) {
      endWithError(response, error, shape);
      return;
    }
    // The rest of a body that was refused unread would otherwise be taken for the next request.
    if (!request.complete) response.set('connection', 'close');
    const { retryAfterSeconds } = error.details;
    if (typeof retryAfterSeconds === 'number') response.set('retry-after', String(retryAfterSeconds));
    response.status(ERRORS[error.code].status).json(errorBody(error, shape));
  };
}

/** A stream that has begun can only be ended honestly: an error event and no `[DONE]`, so that no client takes it for whole. */
export function endWithError(response: Response, error: GridError, shape: ErrorShape): void {
  if (response.writableEnded || response.destroyed) return;
  if (String(response.getHeader('content-type')).startsWith('text/event-stream'))
    response.end(`data: ${JSON.stringify(errorBody(error, shape))}\n\n`);
  else response.destroy();
}

/** What Express and body-parser throw carries a status or a type; the rest is ours. */
function gridErrorOf(thrown: unknown): GridError {
  if (thrown instanceof GridError) return thrown;
  // JSON can be nested deeper than any code that walks it can follow.
  if (thrown instanceof RangeError && thrown.message.includes('call stack'))
    return new GridError('bad_request', 'The body is nested too deeply.', { cause: thrown });
  const { type, status } = (typeof thrown === 'object' && thrown !== null ? thrown : {}) as Record<string, unknown>;
  if (type === 'entity.too.large') return new GridError('body_too_large', undefined, { cause: thrown });
  if (typeof status === 'number' && status >= 400 && status < 500)
    return new GridError('bad_request', undefined, { cause: thrown });
  return new GridError('internal_error', undefined, { cause: thrown });
}

export const notFound: RequestHandler = (request) => {
  throw new GridError('not_found', `There is nothing at ${request.method} ${request.path.slice(0, 120)}.`);
};
