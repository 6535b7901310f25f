import { askIdleClaw } from '../../idleclaw/consume/ask.ts';
import { promptWithSystem } from '../../idleclaw/consume/fit.ts';
import type { SseDelta } from '../../idleclaw/frames.ts';
import { readStatus, type IdleClawStatus } from '../../idleclaw/status.ts';

export type { IdleClawStatus, SseDelta };

/** What a command asks an IdleClaw server. */
export interface IdleClawQuestion {
  readonly server: string;
  readonly model: string;
  readonly prompt: string;
  readonly system: string | undefined;
  /** as the model does by itself when undefined */
  readonly think: boolean | undefined;
}

/** @throws GridError idleclaw_… */
export function askServer(question: IdleClawQuestion, signal: AbortSignal): AsyncGenerator<SseDelta> {
  const { server, model, prompt, system, think } = question;
  const messages = [{ role: 'user' as const, content: promptWithSystem(system, prompt) }];
  return askIdleClaw(server, { model, messages, ...(think === undefined ? {} : { think }) }, {}, signal);
}

/** @throws GridError idleclaw_… */
export function askStatus(server: string): Promise<IdleClawStatus> {
  return readStatus(server);
}
