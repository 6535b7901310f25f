import express, { type Express } from 'express';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { hostGuard, originGuard } from '../http/guard.ts';
import { rawJsonBody } from '../http/json-body.ts';
import { localOnly } from '../http/local-only.ts';
import { metricsEndpoint } from '../http/metrics-endpoint.ts';
import { MAX_JOB_BYTES } from '../ledger/job-vault.ts';
import { capacity, models } from './capacity.ts';
import { chatCompletions } from './chat-completions.ts';
import { embeddings } from './embeddings-endpoint.ts';
import { cancelJob, placeJob, showJob } from './jobs-endpoints.ts';
import { MAX_REDEEM_BYTES, redeemInvite } from './redeem-endpoint.ts';
import { lostReceipt } from './receipts-endpoint.ts';
import type { Serve } from './serve.ts';
import { provenRequester } from './proven-requester.ts';
import type { WorkerDeps } from './worker-deps.ts';
import { createWorkerMetrics } from './worker-metrics.ts';
import { createWorkerJobs } from './worker-jobs.ts';

/** The provider side: this machine's engine behind the owner's policy. Opens no port. */
export function createWorkerApp(deps: WorkerDeps, serve: Serve): Express {
  const jobs = createWorkerJobs(deps, serve);
  const metrics = createWorkerMetrics(deps.registry, () => serve.load);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(hostGuard(deps.allowedHosts, deps.lanAddresses), originGuard(), provenRequester(deps.isBlocked));

  app.get('/', (_request, response) => {
    response.json({
      name: 'lobstah-worker',
      pubkey: deps.signer.pubkey,
      endpoints: [
        'GET /pubkey',
        'GET /metrics',
        'GET /capacity',
        'GET /v1/models',
        'POST /v1/chat/completions',
        'POST /v1/embeddings',
        'POST /v1/jobs',
        'GET /v1/jobs/ID',
        'DELETE /v1/jobs/ID',
        'GET /v1/receipts/JOB',
        'POST /v1/friends/redeem',
      ],
    });
  });
  app.get('/pubkey', (_request, response) => {
    response.json({ pubkey: deps.signer.pubkey });
  });
  app.get('/metrics', localOnly, metricsEndpoint(deps.registry));
  app.get('/capacity', capacity(deps, serve));
  app.get('/v1/models', models(deps, serve));
  app.post('/v1/chat/completions', rawJsonBody(), chatCompletions(deps, serve, metrics));
  app.post('/v1/embeddings', rawJsonBody(), embeddings(deps, serve, metrics));
  app.post('/v1/jobs', rawJsonBody(MAX_JOB_BYTES), placeJob(deps, jobs));
  app.get('/v1/jobs/:id', showJob(deps));
  app.delete('/v1/jobs/:id', cancelJob(deps, jobs));
  app.get('/v1/receipts/:jobId', lostReceipt(deps));
  app.post('/v1/friends/redeem', rawJsonBody(MAX_REDEEM_BYTES), redeemInvite(deps));

  app.use(notFound);
  app.use(
    errorHandler({
      // v1 routers read `error.type` on every path of a worker.
      shapeOf: () => 'lobstah',
      onUnexpected: (error) => deps.log.error({ err: error }, 'unexpected error'),
    }),
  );
  return app;
}
