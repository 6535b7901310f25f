import type { CommandFailure } from '../../app/contract/commands.ts';

/** A refused command. Carries the failure's own sentences: they are what people read. */
export class CommandError extends Error implements CommandFailure {
  readonly code: string;
  readonly hint: string;

  constructor(failure: CommandFailure, options?: ErrorOptions) {
    super(failure.message, options);
    this.name = 'CommandError';
    this.code = failure.code;
    this.hint = failure.hint;
  }
}

const UNKNOWN: CommandFailure = {
  code: 'internal_error',
  message: 'Something went wrong in Lobstah itself.',
  hint: 'Try again; the Diagnostics page helps to find out more.',
};

/** Whatever was thrown, as sentences for people. Electron's bridge strips the class, so the shape decides. */
export function readFailure(thrown: unknown): CommandFailure {
  if (typeof thrown !== 'object' || thrown === null) return UNKNOWN;
  const { code, message, hint } = thrown as Record<string, unknown>;
  if (typeof code !== 'string' || typeof message !== 'string') return UNKNOWN;
  return { code, message, hint: typeof hint === 'string' ? hint : '' };
}

/** The body of a refused HTTP request: `{error:{type,message,hint}}`. Undefined for any other shape. */
export function parseHttpFailure(body: unknown): CommandFailure | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  const { error } = body as { error?: unknown };
  if (typeof error !== 'object' || error === null) return undefined;
  const { type, message, hint } = error as Record<string, unknown>;
  if (typeof type !== 'string' || typeof message !== 'string') return undefined;
  return { code: type, message, hint: typeof hint === 'string' ? hint : '' };
}
