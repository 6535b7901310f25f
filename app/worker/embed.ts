import { estimateEmbeddingTokens, type EmbeddingRequest, type Embeddings } from '../protocol/embeddings.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import type { VerifiedReceipt } from '../protocol/receipt.ts';
import type { Asker } from './asker.ts';
import { JobStopped } from './job-stopped.ts';
import type { Places } from './places.ts';
import type { Reservation } from './serve.ts';
import { signReceipt } from './sign-receipt.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** What is decided on, of a chat and of embeddings alike. */
export interface Ask {
  readonly kind: 'chat' | 'embedding';
  readonly model: string;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
}

export interface EmbeddedJob {
  readonly embeddings: Embeddings;
  readonly inputTokens: number;
  readonly receipt: VerifiedReceipt;
}

/**
 * Embeddings for who asks: the same decisions as for a chat, in the same order, the same places. They are made or not, so a
 * client that left owes nothing. Posts the receipt durably before it resolves.
 */
export type Embed = (asker: Asker, request: EmbeddingRequest, hangUp: AbortSignal) => Promise<EmbeddedJob>;

interface EmbedDeps extends WorkerDeps {
  readonly places: Places;
  readonly reserve: (asker: Asker, ask: Ask, hangUp: AbortSignal) => Promise<Reservation>;
}

/** As long as a chat gets for its first token. */
const patienceMs = (inputTokens: number, { engineLimits }: WorkerDeps) =>
  engineLimits.firstMs + (inputTokens / engineLimits.inputTokensPerSecond) * 1_000;

export function createEmbed(deps: EmbedDeps): Embed {
  return async function embed(asker, request, hangUp) {
    const estimate = estimateEmbeddingTokens(request);
    const { model, inputs, dimensions } = request;
    const ask: Ask = { kind: 'embedding', model, inputTokens: estimate, maxOutputTokens: 1 };
    const { release, circle } = await deps.reserve(asker, ask, hangUp);
    const order = asker.kind === 'unsigned' ? undefined : asker.order;
    const job = {
      asker,
      jobId: order?.jobId ?? deps.randomHex(16),
      nonce: order?.order.nonce ?? deps.randomHex(16),
      model,
      startedAtMs: deps.nowMs(),
    };
    const stop = new AbortController();
    const signal = AbortSignal.any([hangUp, stop.signal]);
    const live = deps.jobs.begin({
      jobId: job.jobId,
      direction: 'serving',
      model,
      otherPubkey: asker.kind === 'unsigned' ? 'anonymous' : asker.pubkey,
      maxOutputTokens: 1,
      startedAtMs: job.startedAtMs,
      stop: () => stop.abort(new JobStopped()),
    });
    let leave: (() => void) | undefined;
    try {
      live.phase('queued');
      leave = await deps.places.enter(
        asker.kind === 'unsigned' ? 'unsigned' : asker.pubkey,
        asker.kind === 'own',
        signal,
      );
      live.phase('waiting');
      if (!deps.engine.embed) throw new GridError('engine_refused', 'The engine of this worker makes no embeddings.');
      const hung = AbortSignal.timeout(patienceMs(estimate, deps));
      const embeddings = await deps.engine
        .embed({ model, inputs, dimensions }, AbortSignal.any([signal, hung]))
        .catch((error: unknown) => {
          throw hung.aborted && !signal.aborted ? new GridError('engine_stalled', undefined, { cause: error }) : error;
        });
      refuseOtherLength(embeddings, dimensions);
      signal.throwIfAborted();
      const inputTokens = embeddings.inputTokens ?? estimate;
      const receipt = signReceipt(job, { inputTokens, outputTokens: 0 }, deps);
      const terms = { order, price: deps.policy().price, nowMs: deps.nowMs(), noGift: circle !== undefined };
      await deps.ledger.appendServed(receipt, terms);
      return { embeddings, inputTokens, receipt };
    } catch (thrown) {
      if (hangUp.aborted) throw hangUp.reason;
      if (thrown instanceof JobStopped)
        throw new GridError('not_sharing', 'The owner of this worker stopped this request.');
      throw asGridError(thrown, 'engine_error');
    } finally {
      leave?.();
      release();
      live.end();
    }
  };
}

/** Engines that do not know the parameter leave it out without a word. */
function refuseOtherLength({ vectors }: Embeddings, dimensions: number | undefined): void {
  const length = vectors[0]?.length;
  if (dimensions === undefined || length === dimensions) return;
  throw new GridError(
    'engine_refused',
    `'dimensions' cannot be ${dimensions}: this model makes vectors of ${length}.`,
    {
      details: { param: 'dimensions' },
    },
  );
}
