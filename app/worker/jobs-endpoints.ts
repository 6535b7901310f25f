import type { Request, RequestHandler } from 'express';
import { hangUpSignal } from '../http/hang-up.ts';
import { parseJsonBody } from '../http/json-body.ts';
import { jobJson } from '../ledger/job-json.ts';
import type { StoredJob } from '../ledger/stored-jobs.ts';
import { parseChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import { decodeHeaderJson, HELLO_HEADER, ORDER_HEADER } from '../protocol/headers.ts';
import { verifyHello } from '../protocol/hello.ts';
import { verifyOrder } from '../protocol/order.ts';
import { whoAsks } from './asker.ts';
import { offerTo } from './capacity.ts';
import type { WorkerDeps } from './worker-deps.ts';
import type { WorkerJobs } from './worker-jobs.ts';

/** POST /v1/jobs: a chat that is answered later. 202 when it is on the disk. */
export function placeJob(deps: WorkerDeps, jobs: WorkerJobs): RequestHandler {
  return async (request, response) => {
    const body = request.body as Buffer;
    const chat = parseChatRequest(parseJsonBody(body));
    const asker = whoAsks(
      request.headers,
      { model: chat.model, body },
      { pubkey: deps.signer.pubkey, offerTo: (pubkey) => offerTo(pubkey, deps), nowMs: deps.nowMs() },
    );
    const job = await jobs.place(asker, chat, body, hangUpSignal(response));
    response.status(202).json(jobJson(job, undefined));
  };
}

/** GET /v1/jobs/:id */
export function showJob(deps: WorkerDeps): RequestHandler {
  return (request, response) => {
    response.json(shown(findJob(request, deps), deps));
  };
}

/** DELETE /v1/jobs/:id */
export function cancelJob(deps: WorkerDeps, jobs: WorkerJobs): RequestHandler {
  return async (request, response) => {
    const { id } = findJob(request, deps);
    await jobs.cancel(id);
    response.json(shown(findJob(request, deps), deps));
  };
}

function shown(job: StoredJob, deps: WorkerDeps): object {
  return jobJson(job, job.status === 'done' ? deps.storedJobs.answer(job.id) : undefined);
}

/**
 * Whoever placed a job may see and cancel it, nobody else, and who may not is told the same as when there is none: a signed job
 * belongs to whoever shows its order again, or says a fresh hello with its key; an unsigned one to whoever knows its 128 random
 * bits.
 */
function findJob(request: Request, deps: WorkerDeps): StoredJob {
  const nowMs = deps.nowMs();
  const job = deps.storedJobs.find(String(request.params['id']), nowMs);
  if (!job) throw new GridError('job_not_found');
  if (job.orderJson === undefined) return job;
  if (verifyOrder(decodeHeaderJson(request.headers[ORDER_HEADER]))?.jobId === job.id) return job;
  const hello = decodeHeaderJson(request.headers[HELLO_HEADER]);
  if (verifyHello(hello, { workerPubkey: deps.signer.pubkey, nowMs }) === job.requester) return job;
  throw new GridError('job_not_found');
}
