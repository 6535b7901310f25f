import { estimateInputTokens, type ChatRequest, type Usage } from '../../protocol/chat.ts';
import type { InferenceErrorCode, NodeFrame } from '../frames.ts';
import { AnswerChunks, errorCodeOf } from './answer-chunks.ts';
import type { NodeDeps } from './giving.ts';
import { takeRequest, type RequestLimits } from './take-request.ts';

/** The hub wants this answer no longer, or its socket is gone: nobody is to be told. */
class Cancelled extends Error {}
/** The owner paused or switched sharing off: the hub is told. */
class Withdrawn extends Error {}

export interface HubRequests {
  readonly active: number;
  begin(requestId: string, params: unknown): void;
  /** Unknown ids are no fault: existing servers cancel after every chat, also a completed one. */
  cancel(requestId: string): void;
  cancelAll(): void;
  /** ends what runs, and says so to the hub; resolves when the last word is out */
  withdrawAll(): Promise<void>;
}

/** The requests of one hub that run here now. */
export function createHubRequests(
  hub: {
    readonly server: string;
    readonly from: string;
    readonly registered: ReadonlySet<string>;
    readonly limits: () => RequestLimits;
    readonly takesNew: () => boolean;
    /** resolves when the socket took it, so that a slow hub slows the engine down instead of filling memory */
    readonly send: (frame: NodeFrame) => Promise<void>;
    readonly onEnd: () => void;
  },
  deps: NodeDeps,
): HubRequests {
  const running = new Map<string, { controller: AbortController; ended: Promise<void> }>();

  const fail = (requestId: string, error: InferenceErrorCode): Promise<void> =>
    hub.send({ type: 'inference_error', request_id: requestId, error });

  async function answer(requestId: string, request: ChatRequest, signal: AbortSignal): Promise<void> {
    const chunks = new AnswerChunks();
    let usage: Usage | undefined;
    let deltas = 0;
    try {
      for await (const event of deps.giving.give(request, hub.from, signal)) {
        if (event.type === 'finish') usage = event.usage;
        else deltas += 1;
        signal.throwIfAborted();
        for (const chunk of chunks.of(event)) await hub.send({ type: 'inference_chunk', request_id: requestId, chunk });
      }
    } catch (thrown) {
      if (signal.reason instanceof Cancelled) return;
      const error = signal.reason instanceof Withdrawn ? 'ollama_unavailable' : errorCodeOf(thrown);
      deps.log.info({ server: hub.server, requestId, error, err: thrown }, 'an IdleClaw request was not answered');
      await fail(requestId, error).catch(() => undefined);
    } finally {
      if (usage) deps.given(hub.server, usage);
      // Who leaves in the middle was given what came so far: one token a delta, our estimate of the prompt.
      else if (deltas > 0) deps.given(hub.server, { inputTokens: estimateInputTokens(request), outputTokens: deltas });
    }
  }

  return {
    get active() {
      return running.size;
    },
    begin(requestId, params) {
      if (running.has(requestId)) return; // its answer is on the way already
      const request = takeRequest(params, hub.registered, hub.limits());
      if (!request || !hub.takesNew()) {
        fail(requestId, request ? 'ollama_unavailable' : 'invalid_request').catch(() => undefined);
        return;
      }
      const controller = new AbortController();
      const ended = answer(requestId, request, controller.signal).finally(() => {
        running.delete(requestId);
        hub.onEnd();
      });
      running.set(requestId, { controller, ended });
      deps.onChange();
    },
    cancel: (requestId) => running.get(requestId)?.controller.abort(new Cancelled('the hub cancelled the request')),
    cancelAll() {
      for (const { controller } of running.values()) controller.abort(new Cancelled('the hub is gone'));
    },
    async withdrawAll() {
      const all = [...running.values()];
      for (const { controller } of all) controller.abort(new Withdrawn('the owner stopped sharing'));
      await Promise.all(all.map(({ ended }) => ended));
    },
  };
}
