import { HangUp } from '../http/hang-up.ts';
import { orderJson } from '../ledger/new-entry.ts';
import { createJobSweep } from '../ledger/job-sweep.ts';
import type { StoredJob } from '../ledger/stored-jobs.ts';
import { canonicalJson } from '../protocol/canonical-json.ts';
import { estimateInputTokens, parseChatRequest, type ChatRequest, type Usage } from '../protocol/chat.ts';
import { asGridError, GridError, type GridErrorCode } from '../protocol/errors.ts';
import { verifyOrder } from '../protocol/order.ts';
import { isOpen } from '../sharing/decide.ts';
import { addDelta, createAnswerFormat, type WholeAnswer } from '../protocol/answer-format.ts';
import type { Asker } from './asker.ts';
import { JobQueue, type WaitingJob } from './job-queue.ts';
import type { Serve } from './serve.ts';
import type { WorkerDeps } from './worker-deps.ts';

/** A job that nobody signed, or whose order lives longer, waits this long at most. */
const MAX_WAIT_MS = 24 * 3600_000;
/** After so many starts that the process did not survive the job is given up: it may be what ends it. */
const MAX_STARTS = 5;
/** Ended ones included: who places and cancels without end fills no disk. */
const MAX_KEPT = 2_000;
/** While jobs wait for the owner to share again, or for the engine to come back, it is looked this often. */
const LOOK_AGAIN_MS = 5_000;
/** Pass by themselves: the job stays. Whatever else goes wrong would go wrong again. */
const PASSING: ReadonlySet<GridErrorCode> = new Set([
  'engine_unreachable',
  'engine_busy',
  'queue_full',
  'owner_back',
  'ledger_failed',
]);

export interface WorkerJobs {
  /** Admits as a chat would be, and has it on the disk when it resolves. @throws what `Serve.admit` does, too_many_jobs */
  place(asker: Asker, request: ChatRequest, body: Uint8Array, signal: AbortSignal): Promise<StoredJob>;
  /** Ends it at the engine. @throws GridError not_cancellable */
  cancel(id: string): Promise<void>;
  /** Ends what was not begun in time and removes what was kept long enough; runs by itself when the next one is due. */
  sweep(): Promise<void>;
}

/**
 * Stored jobs go through the same door and the same places at the engine as chats; in between they wait here. Takes up at
 * once what an earlier process left behind. Ends with `deps.stopping`: what runs then goes back into the queue.
 */
export function createWorkerJobs(deps: WorkerDeps, serve: Serve): WorkerJobs {
  const { storedJobs, log, nowMs } = deps;
  const queue = new JobQueue();
  let lookAgain: NodeJS.Timeout | undefined;

  const keptCount = () => Object.values(storedJobs.counts()).reduce((sum, count) => sum + count, 0);
  const mayRun = ({ asker }: WaitingJob): boolean => {
    if (asker.kind === 'own') return true;
    if (!isOpen(deps.sharing(nowMs()))) return false;
    if (asker.kind === 'unsigned') return !deps.policy().friendsOnly;
    if (deps.policy().friendsOnly && !deps.friends.find(asker.pubkey)) return false;
    return !deps.isBlocked(asker.pubkey);
  };

  function pump(): void {
    if (deps.stopping.aborted) return;
    while (queue.runningCount < deps.policy().concurrency) {
      const job = queue.next(nowMs(), mayRun);
      if (!job) break;
      job.running = new AbortController();
      void run(job, job.running.signal);
    }
    clearTimeout(lookAgain);
    if (queue.all().some(({ running, held }) => !running && !held)) lookAgain = setTimeout(pump, LOOK_AGAIN_MS).unref();
  }

  async function run(job: WaitingJob, signal: AbortSignal): Promise<void> {
    let ended = true;
    try {
      if (await storedJobs.begin(job.id, nowMs())) await answer(job, signal);
    } catch (error) {
      if (!signal.aborted) ended = await failed(job, asGridError(error, 'engine_error'));
    }
    if (signal.aborted) return; // whoever aborted sees to the rest
    job.running = undefined;
    if (ended) forget(job);
    pump();
  }

  async function answer(job: WaitingJob, signal: AbortSignal): Promise<void> {
    const request = { ...parseChatRequest(storedJobs.request(job.id)), stream: false };
    // Let in on the limit of a friend, it is not done for a stranger.
    if (job.reservation.circle && job.asker.kind === 'key' && !deps.friends.find(job.asker.pubkey))
      throw new GridError('friendship_ended');
    await serve.offers.find(request.model, job.asker.kind === 'own', signal);
    const whole: WholeAnswer = { content: '', reasoning: '', toolCalls: [], logprobs: [], reason: 'stop' };
    let usage: Usage | undefined;
    const admitted = serve.beginStored(
      { asker: job.asker, request, reservation: job.reservation, signal },
      {
        jobId: job.id,
        append: (signed, terms) => {
          const { receipt, signature } = signed;
          const format = createAnswerFormat(
            `chatcmpl-${job.id.slice(0, 24)}`,
            request.model,
            Math.floor(nowMs() / 1000),
          );
          const answer = format.whole(whole, {
            inputTokens: receipt.inputTokens,
            outputTokens: receipt.outputTokens,
            estimated: false,
          });
          return storedJobs.done(
            {
              id: job.id,
              worker: deps.signer.pubkey,
              receiptJson: canonicalJson({ receipt, signature }),
              answer,
              nowMs: nowMs(),
            },
            { served: [signed, terms] },
          );
        },
      },
    );
    for await (const event of admitted.answer()) {
      if (event.type === 'delta') addDelta(whole, event.delta);
      else {
        whole.reason = event.reason;
        usage = event.usage;
      }
    }
    if (!usage) throw new GridError('engine_cut');
    await admitted.receipt(usage);
  }

  /** @returns whether the job has ended */
  async function failed(job: WaitingJob, error: GridError): Promise<boolean> {
    const passes = PASSING.has(error.code);
    log.info({ jobId: job.id, code: error.code, passes }, 'stored job failed');
    try {
      if (!passes) {
        await storedJobs.failed(job.id, error, nowMs());
        return true;
      }
      await storedJobs.requeue(job.id, true);
    } catch (cause) {
      log.error({ err: cause, jobId: job.id }, 'the end of a stored job could not be written');
    }
    job.notBeforeMs = nowMs() + LOOK_AGAIN_MS;
    job.reservation.release();
    job.reservation = serve.reserveAgain(job.asker, job.tokens);
    return false;
  }

  function forget(job: WaitingJob): void {
    job.reservation.release();
    queue.remove(job.id);
    sweep.plan();
  }

  /** Stops it at the engine, then writes why. @returns false when it had ended by itself */
  async function end(job: WaitingJob, write: () => Promise<boolean>): Promise<boolean> {
    job.held = true;
    job.running?.abort(new HangUp());
    job.running = undefined;
    try {
      return await write();
    } finally {
      forget(job);
      pump();
    }
  }

  const sweep = createJobSweep({
    vault: storedJobs,
    nowMs,
    expired(id) {
      const write = () => storedJobs.failed(id, new GridError('job_expired'), nowMs());
      const job = queue.get(id);
      return job ? end(job, write) : write();
    },
    onError: (error) => log.error({ err: error }, 'stored jobs could not be removed'),
  });

  function takeUp(): void {
    for (const stored of storedJobs.unfinished()) {
      const asker = askerOf(stored, deps);
      const tokens = { inputTokens: stored.inputTokens, outputTokens: stored.maxOutputTokens };
      const problem =
        stored.starts >= MAX_STARTS
          ? new GridError('engine_error', `The worker ended ${stored.starts} times while it did this job.`)
          : asker === undefined
            ? new GridError('order_invalid', 'The stored order does not bear its signature.')
            : undefined;
      if (problem || !asker) {
        storedJobs
          .failed(stored.id, problem ?? new GridError('internal_error'), nowMs())
          .catch((error: unknown) => log.error({ err: error, jobId: stored.id }, 'stored job could not be ended'));
        continue;
      }
      queue.add(waitingJob(stored.id, asker, stored.model, tokens, serve.reserveAgain(asker, tokens)));
    }
    if (queue.all().length > 0) log.info({ jobs: queue.all().length }, 'stored jobs taken up again');
    sweep.plan();
    pump();
  }

  deps.stopping.addEventListener('abort', () => {
    clearTimeout(lookAgain);
    sweep.stop();
    for (const job of queue.all()) {
      if (!job.running) continue;
      job.running.abort(new HangUp());
      // Sent before the ledger closes, which writes what was sent. Unwritten it is taken up all the same, as after kill -9.
      storedJobs
        .requeue(job.id, true)
        .catch((error: unknown) => log.warn({ err: error, jobId: job.id }, 'stored job not put back'));
    }
  });

  takeUp();
  return {
    sweep: () => sweep.now(),
    async place(asker, request, body, signal) {
      const key = keyOf(asker);
      const order = asker.kind === 'unsigned' ? undefined : asker.order;
      const id = order?.jobId ?? deps.randomHex(16);
      if (queue.get(id)) throw new GridError('order_replayed');
      if (queue.isFull(key) || keptCount() >= MAX_KEPT) throw new GridError('too_many_jobs');
      const nothing = { maxOutputTokens: 0, circle: undefined, release: () => undefined };
      const inputTokens = estimateInputTokens(request);
      // Takes its place at once: what waits for the disk counts.
      queue.add({ ...waitingJob(id, asker, request.model, { inputTokens, outputTokens: 0 }, nothing), held: true });
      try {
        const reservation = await serve.reserve(asker, request, signal);
        const tokens = { inputTokens, outputTokens: reservation.maxOutputTokens };
        const job = { ...waitingJob(id, asker, request.model, tokens, reservation), held: true };
        queue.add(job);
        const placedAtMs = nowMs();
        await storedJobs.place(
          {
            id,
            requester: asker.kind === 'unsigned' ? asker.claimed : asker.pubkey,
            model: request.model,
            inputTokens,
            maxOutputTokens: tokens.outputTokens,
            placedAtMs,
            expiresAtMs: Math.min(order?.order.deadline ?? Infinity, placedAtMs + MAX_WAIT_MS),
            orderJson: order && orderJson(order),
          },
          body,
        );
        job.held = false;
        sweep.plan();
        pump();
        return storedJobs.find(id, placedAtMs)!;
      } catch (error) {
        const job = queue.get(id);
        if (job) forget(job);
        throw error;
      }
    },
    async cancel(id) {
      const job = queue.get(id);
      const cancelled = job && (await end(job, () => storedJobs.cancelled(id, nowMs())));
      if (!cancelled)
        throw new GridError('not_cancellable', undefined, {
          details: { status: storedJobs.find(id, nowMs())?.status },
        });
    },
  };
}

function waitingJob(
  id: string,
  asker: Asker,
  model: string,
  tokens: WaitingJob['tokens'],
  reservation: WaitingJob['reservation'],
): WaitingJob {
  return { id, asker, key: keyOf(asker), model, tokens, reservation, notBeforeMs: 0, running: undefined, held: false };
}

function keyOf(asker: Asker): string {
  return asker.kind === 'unsigned' ? 'unsigned' : asker.pubkey;
}

/** The order proves the asker again; without one nobody is proven. */
function askerOf(stored: StoredJob, deps: WorkerDeps): Asker | undefined {
  if (stored.orderJson === undefined) return { kind: 'unsigned', claimed: stored.requester };
  const order = verifyOrder(JSON.parse(stored.orderJson));
  if (order?.jobId !== stored.id) return undefined;
  const pubkey = order.order.requesterPubkey;
  return { kind: pubkey === deps.signer.pubkey ? 'own' : 'key', pubkey, order };
}
