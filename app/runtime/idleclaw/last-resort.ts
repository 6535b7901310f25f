import type { Logger } from 'pino';
import type { Dispatcher } from 'undici';
import { askIdleClaw } from '../../idleclaw/consume/ask.ts';
import { fitRequest } from '../../idleclaw/consume/fit.ts';
import type { ChatBody } from '../../idleclaw/frames.ts';
import { serverName } from '../../idleclaw/server-url.ts';
import { readModels } from '../../idleclaw/status.ts';
import type { ChatRequest } from '../../protocol/chat.ts';
import { asGridError, GridError } from '../../protocol/errors.ts';
import type { LastAnswer, LastResort } from '../../router/last-resort.ts';
import { AUTO_MODEL } from '../../router/pick-peer.ts';
import type { SettingsFile } from '../settings.ts';
import { serversOf } from './idleclaw-wish.ts';

const MODELS_TIMEOUT_MS = 5_000;

/** The router's way to IdleClaw, where the owner allowed it. Nothing is opened, and nothing sent, before every peer failed. */
export function createLastResort(deps: {
  readonly settings: SettingsFile;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly dispatcher: Dispatcher;
  readonly log: Logger;
}): LastResort {
  const { dispatcher } = deps;

  /** @returns what to send, or why this server is not asked */
  async function bodyFor(server: string, chat: ChatRequest, signal: AbortSignal): Promise<ChatBody | string> {
    const early = fitRequest(chat, chat.model === AUTO_MODEL ? 'any' : chat.model);
    if (typeof early === 'string') return early; // the server hears nothing of what it would not take
    const there = await readModels(
      server,
      { dispatcher },
      AbortSignal.any([signal, AbortSignal.timeout(MODELS_TIMEOUT_MS)]),
    );
    const model =
      chat.model === AUTO_MODEL
        ? there[0]
        : there.find((name) => name === chat.model || name === `${chat.model}:latest`);
    if (model === undefined) return `no node of it has '${chat.model.slice(0, 64)}'`;
    return fitRequest(chat, model);
  }

  async function begin(server: string, chat: ChatRequest, signal: AbortSignal): Promise<LastAnswer> {
    const body = await bodyFor(server, chat, signal);
    if (typeof body === 'string')
      throw new GridError('idleclaw_unfit', `${serverName(server)} was not asked: ${body}.`);
    const deltas = askIdleClaw(server, body, { dispatcher }, signal);
    const first = await deltas.next();
    return {
      source: `IdleClaw ${serverName(server)}`,
      model: body.model,
      async *deltas() {
        for (let next = first; !next.done; next = await deltas.next()) {
          const { content, reasoning } = next.value;
          if (content) yield reasoning ? { reasoning: content } : { content };
        }
      },
    };
  }

  return {
    async ask(chat, signal) {
      const settings = deps.settings.current();
      if (!settings.idleclaw.consume) return undefined;
      const problems: string[] = [];
      for (const server of serversOf(settings, deps.env)) {
        try {
          return await begin(server, chat, signal);
        } catch (thrown) {
          signal.throwIfAborted();
          const { code, message } = asGridError(thrown);
          deps.log.info({ server, code }, 'no answer from IdleClaw');
          problems.push(message);
        }
      }
      return problems.length > 0 ? { problem: problems.join(' ') } : undefined;
    },
  };
}
