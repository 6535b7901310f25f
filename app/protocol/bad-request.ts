import type { z } from 'zod';
import { GridError } from './errors.ts';

/** Names the first field that is wrong. */
export function badRequest(error: z.ZodError): GridError {
  const issue = error.issues[0];
  const param = issue?.path.join('.') ?? '';
  return new GridError('bad_request', `'${param || 'body'}': ${issue?.message ?? 'not understood'}.`, {
    details: param ? { param } : {},
    cause: error,
  });
}

/** @param sentence names the parameter and says why */
export function unsupported(param: string, sentence: string): GridError {
  return new GridError('unsupported_parameter', sentence, { details: { param: param.slice(0, 60) } });
}
