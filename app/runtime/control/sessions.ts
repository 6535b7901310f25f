import { timingSafeEqual } from 'node:crypto';
import type { RequestHandler } from 'express';
import { GridError } from '../../protocol/errors.ts';

/** A code is typed by nobody: it is opened at once, from a terminal or by `lobstah open`. */
const CODE_LIFE_MS = 10 * 60_000;
const MAX_OPEN_CODES = 100;

/**
 * Who may use the control server: whoever holds the token of this run. A page gets it for a one-time code that came to it in
 * the fragment of its address, which browsers send to nobody. No cookie: cookies ignore ports.
 */
export interface Sessions {
  /** a fresh one-time code */
  issueCode(): string;
  /** @returns the token; @throws GridError session_invalid when the code was used, is old or was never issued */
  redeem(code: unknown): string;
  readonly guard: RequestHandler;
}

export function createSessions(deps: { randomHex: (bytes: number) => string; nowMs: () => number }): Sessions {
  const token = deps.randomHex(32);
  const codes = new Map<string, number>();
  return {
    issueCode() {
      if (codes.size >= MAX_OPEN_CODES) codes.clear();
      const code = deps.randomHex(16);
      codes.set(code, deps.nowMs() + CODE_LIFE_MS);
      return code;
    },
    redeem(code) {
      const untilMs = typeof code === 'string' ? codes.get(code) : undefined;
      if (untilMs === undefined) throw new GridError('session_invalid');
      codes.delete(String(code));
      if (deps.nowMs() > untilMs) throw new GridError('session_invalid');
      return token;
    },
    guard: (request, _response, next) => {
      const shown = /^Bearer ([0-9a-f]{64})$/.exec(request.headers.authorization ?? '')?.[1];
      if (!shown || !timingSafeEqual(Buffer.from(shown), Buffer.from(token))) throw new GridError('session_invalid');
      next();
    },
  };
}
