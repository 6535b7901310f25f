import { HangUp } from '../http/hang-up.ts';
import { createJobSweep } from '../ledger/job-sweep.ts';
import type { StoredJob } from '../ledger/stored-jobs.ts';
import { canonicalJson } from '../protocol/canonical-json.ts';
import { estimateInputTokens, maxOutputTokensOf, parseChatRequest, type ChatRequest } from '../protocol/chat.ts';
import { asGridError, GridError, type GridErrorCode } from '../protocol/errors.ts';
import { askPeers, pick } from './ask-peers.ts';
import { auditStream } from './audit-stream.ts';
import { conversationOf } from './memory.ts';
import type { ClientRequest } from './peer-body.ts';
import type { PeerStream } from './peer-stream.ts';
import type { RouterDeps } from './router-deps.ts';
import { WholeAnswer } from './whole-answer.ts';

/** How many are asked at the same time, and how many may wait. */
const AT_ONCE = 4;
const MAX_WAITING = 500;
const MAX_WAIT_MS = 24 * 3600_000;
/** Peers come and go: a job is asked again after these, the last one repeated, and given up after MAX_STARTS. */
const RETRY_MS = [1_000, 5_000, 15_000, 60_000, 300_000];
const MAX_STARTS = 12;
/** Nobody can serve right now. Anything else would be the same at the next try. */
const PASSING: ReadonlySet<GridErrorCode> = new Set([
  'no_peers',
  'no_capable_peer',
  'all_peers_failed',
  'shutting_down',
  'ledger_failed',
]);

interface WaitingJob {
  readonly id: string;
  readonly model: string;
  starts: number;
  notBeforeMs: number;
  running: AbortController | undefined;
  outputTokens: number;
  /** it is being ended, or is not on the disk yet */
  held: boolean;
}

export interface RouterJobs {
  /** Has it on the disk when it resolves. @throws GridError no_peers, no_capable_peer, too_many_jobs, shutting_down */
  place(chat: ChatRequest, body: Buffer): Promise<StoredJob>;
  /** Ends it here, and with it at the worker. @throws GridError not_cancellable */
  cancel(id: string): Promise<void>;
  /** output tokens so far, while it runs */
  progress(id: string): number | undefined;
}

/**
 * Works stored jobs off through the ordinary path of a chat, so every peer can serve them, v1 too. The answer, the end of the
 * job and the ledger entry are one commit: killed before it, the job is asked again with a new order, and only that is paid.
 */
export function createRouterJobs(deps: RouterDeps): RouterJobs {
  const { storedJobs, log, nowMs } = deps;
  const jobs = new Map<string, WaitingJob>();
  let wakeUp: NodeJS.Timeout | undefined;

  function pump(): void {
    clearTimeout(wakeUp);
    if (deps.stopping.aborted) return;
    const waiting = [...jobs.values()].filter(({ running, held }) => !running && !held);
    let free = AT_ONCE - [...jobs.values()].filter(({ running }) => running).length;
    for (const job of waiting) {
      if (free === 0) break;
      if (job.notBeforeMs > nowMs()) continue;
      free -= 1;
      job.running = new AbortController();
      void run(job, job.running.signal);
    }
    const nextMs = Math.min(...waiting.filter(({ running }) => !running).map(({ notBeforeMs }) => notBeforeMs));
    if (nextMs !== Infinity && free > 0)
      wakeUp = setTimeout(pump, Math.min(Math.max(nextMs - nowMs(), 50), 300_000)).unref();
  }

  async function run(job: WaitingJob, signal: AbortSignal): Promise<void> {
    let ended = true;
    try {
      job.starts += 1;
      if (await storedJobs.begin(job.id, nowMs())) await answer(job, signal);
    } catch (error) {
      if (!signal.aborted) ended = await failed(job, asGridError(error));
    }
    if (signal.aborted) return; // whoever aborted sees to the rest
    job.running = undefined;
    if (ended) forget(job);
    pump();
  }

  async function answer(job: WaitingJob, signal: AbortSignal): Promise<void> {
    const json = { ...(storedJobs.request(job.id) as object), stream: true };
    const chat = parseChatRequest(json);
    const live = deps.jobs.begin({
      jobId: job.id,
      direction: 'asking',
      model: chat.model,
      otherPubkey: 'anonymous',
      maxOutputTokens: maxOutputTokensOf(chat),
      startedAtMs: nowMs(),
      stop: () => void cancel(job.id).catch(() => undefined),
    });
    try {
      let whole = new WholeAnswer();
      const client = requestOf(job.id, chat, Buffer.from(JSON.stringify(json)), json);
      const stream = await askPeers(client, deps, signal, {
        isShown: () => false,
        // What a peer that was lost had said is not mixed in.
        listener: () => (whole = new WholeAnswer()),
        onTry: (tried) => live.with(tried.candidate.known.peer.pubkey),
        take(_piece, { reader }) {
          if (reader.deltas > 0) live.phase('streaming');
          job.outputTokens = reader.deltas;
          live.tokens(reader.deltas);
          return undefined;
        },
      });
      await finish(job.id, stream, whole, chat.messages.length);
    } finally {
      live.end();
    }
  }

  async function finish(id: string, stream: PeerStream, whole: WholeAnswer, messages: number): Promise<void> {
    const entry = auditStream(stream, stream.reader.receipt, { messages }, deps);
    const signed = 'asked' in entry ? entry.asked[0] : undefined;
    await storedJobs.done(
      {
        id,
        worker: stream.candidate.known.peer.pubkey,
        receiptJson: signed && canonicalJson({ receipt: signed.receipt, signature: signed.signature }),
        answer: whole.json({
          id: `chatcmpl-${stream.jobId.slice(0, 24)}`,
          model: stream.candidate.model,
          createdSeconds: Math.floor(stream.startedAtMs / 1000),
          finishReason: stream.reader.finishReason ?? 'stop',
          usage: stream.reader.usage,
        }),
        nowMs: nowMs(),
      },
      entry,
    );
    stream.settled();
  }

  /** @returns whether the job has ended */
  async function failed(job: WaitingJob, error: GridError): Promise<boolean> {
    const again = PASSING.has(error.code) && job.starts < MAX_STARTS;
    log.info({ jobId: job.id, code: error.code, starts: job.starts, again }, 'stored job failed');
    try {
      if (!again) {
        await storedJobs.failed(job.id, error, nowMs());
        return true;
      }
      await storedJobs.requeue(job.id, false);
    } catch (cause) {
      log.error({ err: cause, jobId: job.id }, 'the end of a stored job could not be written');
    }
    job.outputTokens = 0;
    job.notBeforeMs = nowMs() + (RETRY_MS[job.starts - 1] ?? RETRY_MS.at(-1)!);
    return false;
  }

  function forget(job: WaitingJob): void {
    jobs.delete(job.id);
    sweep.plan();
  }

  /** @returns false when it had ended by itself */
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

  async function cancel(id: string): Promise<void> {
    const job = jobs.get(id);
    const cancelled = job && (await end(job, () => storedJobs.cancelled(id, nowMs())));
    if (!cancelled)
      throw new GridError('not_cancellable', undefined, { details: { status: storedJobs.find(id, nowMs())?.status } });
  }

  const sweep = createJobSweep({
    vault: storedJobs,
    nowMs,
    expired(id) {
      const write = () => storedJobs.failed(id, new GridError('job_expired'), nowMs());
      const job = jobs.get(id);
      return job ? end(job, write) : write();
    },
    onError: (error) => log.error({ err: error }, 'stored jobs could not be removed'),
  });

  deps.stopping.addEventListener('abort', () => {
    clearTimeout(wakeUp);
    sweep.stop();
    for (const job of jobs.values()) {
      if (!job.running) continue;
      job.running.abort(new HangUp());
      storedJobs
        .requeue(job.id, true)
        .catch((error: unknown) => log.warn({ err: error, jobId: job.id }, 'stored job not put back'));
    }
  });

  for (const { id, model, starts } of storedJobs.unfinished()) jobs.set(id, waitingJob(id, model, starts));
  if (jobs.size > 0) log.info({ jobs: jobs.size }, 'stored jobs taken up again');
  sweep.plan();
  pump();

  return {
    cancel,
    progress: (id) => (jobs.get(id)?.running ? jobs.get(id)?.outputTokens : undefined),
    async place(chat, body) {
      if (deps.stopping.aborted) throw new GridError('shutting_down');
      if (jobs.size >= MAX_WAITING) throw new GridError('too_many_jobs');
      const job = { ...waitingJob(deps.randomHex(16), chat.model, 0), held: true };
      jobs.set(job.id, job);
      try {
        await pick(requestOf(job.id, chat, body, {}), deps); // nobody who could: better said now than in an hour
        const placedAtMs = nowMs();
        await storedJobs.place(
          {
            id: job.id,
            requester: deps.signer.pubkey,
            model: chat.model,
            inputTokens: estimateInputTokens(chat),
            maxOutputTokens: maxOutputTokensOf(chat),
            placedAtMs,
            expiresAtMs: placedAtMs + MAX_WAIT_MS,
            orderJson: undefined,
          },
          body,
        );
        job.held = false;
        sweep.plan();
        pump();
        return storedJobs.find(job.id, placedAtMs)!;
      } catch (error) {
        jobs.delete(job.id);
        throw error;
      }
    },
  };
}

function requestOf(id: string, chat: ChatRequest, bytes: Buffer, json: object): ClientRequest {
  const conversation = conversationOf(chat, undefined);
  return { chat, json, bytes, requestId: id, conversation, inputTokens: estimateInputTokens(chat) };
}

function waitingJob(id: string, model: string, starts: number): WaitingJob {
  return { id, model, starts, notBeforeMs: 0, running: undefined, outputTokens: 0, held: false };
}
