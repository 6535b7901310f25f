import { randomUUID } from 'node:crypto';
import type { PromptEvent } from '../../contract/events.ts';
import { asGridError, GridError } from '../../protocol/errors.ts';
import { askRouter } from '../ask-router.ts';
import { creditsOf } from '../credits.ts';
import { labelOf } from '../snapshots.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

/** A prompt from the user interface goes the way of every other: through the router's own address. */
export function promptCommands(deps: CommandDeps): Handlers<'startPrompt' | 'stopPrompt'> {
  const running = new Map<string, AbortController>();

  async function run(promptId: string, prompt: string, model: string | null, signal: AbortSignal): Promise<void> {
    const tell = (event: PromptEvent) => deps.news.emit('prompt', event);
    try {
      if (!deps.routerUrl) throw new GridError('not_running', 'No router runs in this process.');
      const answer = askRouter(
        {
          routerUrl: deps.routerUrl,
          model: model ?? undefined,
          messages: [{ role: 'user', content: prompt }],
          apiKey: deps.config.router?.apiKey,
        },
        signal,
      );
      for (;;) {
        const next = await answer.next();
        if (!next.done) {
          tell({ promptId, type: 'delta', text: next.value.text, reasoning: next.value.reasoning });
          continue;
        }
        const { value: done } = next;
        const entry = done.jobId ? deps.ledger.entry(done.jobId) : undefined;
        tell({
          promptId,
          type: 'done',
          answeredBy: done.workerPubkey ? labelOf(deps, done.workerPubkey) : (done.source ?? 'a peer'),
          model: done.model,
          outputTokens: done.outputTokens,
          tokensPerSecond: done.tokensPerSecond ?? null,
          firstTokenMs: done.firstTokenMs ?? null,
          cost: creditsOf(entry?.kind === 'asked' ? entry.amountMicro : 0),
          jobId: entry?.jobId ?? null,
          own: done.workerPubkey === deps.signer.pubkey,
        });
        return;
      }
    } catch (thrown) {
      const error = asGridError(thrown);
      if (!signal.aborted)
        tell({ promptId, type: 'failed', code: error.code, message: error.message, hint: error.hint });
    } finally {
      running.delete(promptId);
    }
  }

  return {
    startPrompt({ prompt, model }) {
      const promptId = randomUUID();
      const controller = new AbortController();
      running.set(promptId, controller);
      // The id has to reach the interface before the first event that carries it.
      setTimeout(() => void run(promptId, prompt, model, controller.signal), 20);
      return { promptId };
    },
    stopPrompt({ promptId }) {
      running.get(promptId)?.abort();
      return null;
    },
  };
}
