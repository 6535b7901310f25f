import type { Request, RequestHandler, Response } from 'express';
import { HangUp, hangUpController } from '../http/hang-up.ts';
import { requestIdOf } from '../http/request-id.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { REQUEST_ID_HEADER } from '../protocol/headers.ts';
import type { LiveJobHandle } from '../protocol/live-job.ts';
import type { RouterDeps } from './router-deps.ts';

class Stopped extends Error {}

/** A request of a client that is being answered. */
export interface Underway {
  readonly requestId: string;
  /** aborted when the client hangs up, or the owner stops it */
  readonly signal: AbortSignal;
  readonly live: LiveJobHandle;
  /** requests of this kind under way now */
  running(): number;
}

/** Call once, when it is known what is asked for. */
export type Begin = (asked: { model: string; maxOutputTokens: number }) => Underway;

/** What all kinds of requests share: an id, a place in the list of what is going on, and a line of how it ended. */
export function underway(
  deps: RouterDeps,
  answer: (request: Request, response: Response, begin: Begin) => Promise<void>,
): RequestHandler {
  let running = 0;
  return async (request, response) => {
    if (deps.stopping.aborted) throw new GridError('shutting_down');
    const startedMs = performance.now();
    let job: (Underway & { readonly model: string }) | undefined;
    let outcome = 'ok';
    try {
      await answer(request, response, ({ model, maxOutputTokens }) => {
        const requestId = requestIdOf(request, deps.randomHex);
        response.setHeader(REQUEST_ID_HEADER, requestId);
        const stop = hangUpController(response);
        const live = deps.jobs.begin({
          jobId: requestId,
          direction: 'asking',
          model,
          otherPubkey: 'anonymous',
          maxOutputTokens,
          startedAtMs: deps.nowMs(),
          stop: () => stop.abort(new Stopped('stopped from the user interface')),
        });
        running += 1;
        job = { requestId, signal: stop.signal, live, running: () => running, model };
        return job;
      });
    } catch (thrown) {
      outcome = thrown instanceof HangUp ? 'hung_up' : thrown instanceof Stopped ? 'stopped' : asGridError(thrown).code;
      if (thrown instanceof HangUp) return;
      throw thrown instanceof Stopped
        ? new GridError('shutting_down', 'The request was stopped by its owner.')
        : thrown;
    } finally {
      if (job) {
        running -= 1;
        job.live.end();
        const seconds = (performance.now() - startedMs) / 1_000;
        deps.metrics.ended(outcome, seconds);
        const { requestId, model } = job;
        deps.log.info({ requestId, model, outcome, ms: Math.round(seconds * 1_000) }, 'request ended');
      }
    }
  };
}
