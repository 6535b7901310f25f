import type { ChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';

/** @throws GridError engine_refused naming the first of these that the request asks for: another peer's engine may know it */
export function refuseUnhonoured(request: ChatRequest, params: readonly string[], engine: string): void {
  for (const param of params) {
    const value = request[param];
    const isNothing =
      value == null || value === false || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!isNothing) throw new GridError('engine_refused', `${engine} has no '${param}'.`, { details: { param } });
  }
}
