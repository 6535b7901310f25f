import type { EngineEvent } from '../engine/engine.ts';
import { maxOutputTokensOf, type ChatRequest } from '../protocol/chat.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { isOpen } from '../sharing/decide.ts';
import { JobStopped } from './job-stopped.ts';
import type { Offers } from './offers.ts';
import type { Places } from './places.ts';
import type { WorkerDeps } from './worker-deps.ts';

/**
 * Answers a request that came by another network. The owner's decisions hold as for the grid: the switch, the ticked models, the
 * places; requests of one `from` take their turn with everybody else's. Nobody signs anything and no entry is made, so no credit
 * can come of it.
 * @param from who asks, as the owner reads it
 */
export type Give = (request: ChatRequest, from: string, signal: AbortSignal) => AsyncGenerator<EngineEvent>;

export function createGive(deps: WorkerDeps & { offers: Offers; places: Places }): Give {
  return async function* give(request, from, hangUp) {
    if (deps.stopping.aborted) throw new GridError('shutting_down');
    if (deps.policy().friendsOnly) throw new GridError('friends_only');
    await deps.offers.find(request.model, false, hangUp);
    if (!isOpen(deps.sharing(deps.nowMs()))) throw new GridError('not_sharing');
    const maxOutputTokens = maxOutputTokensOf(request);
    const stop = new AbortController();
    const signal = AbortSignal.any([hangUp, stop.signal]);
    const live = deps.jobs.begin({
      jobId: deps.randomHex(16),
      direction: 'serving',
      model: request.model,
      otherPubkey: 'anonymous',
      via: from,
      maxOutputTokens,
      startedAtMs: deps.nowMs(),
      stop: (reason) => stop.abort(new JobStopped(reason)),
    });
    let leave: (() => void) | undefined;
    let delivered = 0;
    try {
      live.phase('queued');
      leave = await deps.places.enter(from, false, signal);
      live.phase('waiting');
      for await (const event of deps.engine.chat({ request, maxOutputTokens }, signal)) {
        if (event.type === 'delta') {
          delivered += 1;
          if (delivered === 1) live.phase('streaming');
          live.tokens(delivered);
        }
        yield event;
      }
    } catch (thrown) {
      if (hangUp.aborted) throw hangUp.reason;
      if (thrown instanceof JobStopped) throw thrown.error;
      throw asGridError(thrown, 'engine_error');
    } finally {
      leave?.();
      live.end();
    }
  };
}
