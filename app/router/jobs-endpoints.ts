import type { RequestHandler } from 'express';
import { parseJsonBody } from '../http/json-body.ts';
import { jobJson } from '../ledger/job-json.ts';
import type { StoredJob } from '../ledger/stored-jobs.ts';
import { parseChatRequest } from '../protocol/chat.ts';
import { GridError } from '../protocol/errors.ts';
import type { RouterDeps } from './router-deps.ts';
import type { RouterJobs } from './router-jobs.ts';

const MAX_LISTED = 200;

/** POST /v1/jobs: a chat that is answered in the background. 202 when it is on the disk. */
export function placeJob(jobs: RouterJobs): RequestHandler {
  return async (request, response) => {
    const bytes = request.body as Buffer;
    const job = await jobs.place(parseChatRequest(parseJsonBody(bytes)), bytes);
    response.status(202).json(jobJson(job, undefined));
  };
}

/** GET /v1/jobs: the newest first, without their results */
export function listJobs(deps: RouterDeps): RequestHandler {
  return (_request, response) => {
    const jobs = deps.storedJobs.list(deps.nowMs(), MAX_LISTED);
    response.json({ object: 'list', data: jobs.map((job) => jobJson(job, undefined)) });
  };
}

/** GET /v1/jobs/:id */
export function showJob(deps: RouterDeps, jobs: RouterJobs): RequestHandler {
  return (request, response) => {
    response.json(shown(find(request.params['id'], deps), deps, jobs));
  };
}

/** DELETE /v1/jobs/:id */
export function cancelJob(deps: RouterDeps, jobs: RouterJobs): RequestHandler {
  return async (request, response) => {
    const { id } = find(request.params['id'], deps);
    await jobs.cancel(id);
    response.json(shown(find(id, deps), deps, jobs));
  };
}

function find(id: unknown, deps: RouterDeps): StoredJob {
  const job = deps.storedJobs.find(String(id), deps.nowMs());
  if (!job) throw new GridError('job_not_found');
  return job;
}

function shown(job: StoredJob, deps: RouterDeps, jobs: RouterJobs): object {
  const outputTokens = jobs.progress(job.id);
  return {
    ...jobJson(job, job.status === 'done' ? deps.storedJobs.answer(job.id) : undefined),
    tries: job.starts,
    ...(outputTokens === undefined ? {} : { outputTokens }),
  };
}
