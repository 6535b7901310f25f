import express, { type Express } from 'express';
import { apiKeyGuard } from '../http/api-key.ts';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { hostGuard, originGuard } from '../http/guard.ts';
import { rawJsonBody } from '../http/json-body.ts';
import { MAX_JOB_BYTES } from '../ledger/job-vault.ts';
import { localOnly } from '../http/local-only.ts';
import { metricsEndpoint } from '../http/metrics-endpoint.ts';
import { chatCompletions } from './chat-completions.ts';
import { completions } from './completions.ts';
import { embeddings } from './embeddings.ts';
import { cancelJob, listJobs, placeJob, showJob } from './jobs-endpoints.ts';
import { model, models } from './models.ts';
import type { RouterDeps } from './router-deps.ts';
import { createRouterJobs } from './router-jobs.ts';
import { balance, ledger, peers } from './views.ts';

/** The local OpenAI-compatible server that spends what was earned. Opens no port. */
export function createRouterApp(deps: RouterDeps): Express {
  const jobs = createRouterJobs(deps);
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use(hostGuard(deps.allowedHosts), originGuard());
  if (deps.apiKey !== undefined) app.use(apiKeyGuard(deps.apiKey));

  app.get('/', (_request, response) => {
    response.json({
      name: 'lobstah-router',
      pubkey: deps.signer.pubkey,
      endpoints: [
        'GET /pubkey',
        'GET /metrics',
        'GET /peers',
        'GET /balance',
        'GET /ledger',
        'GET /v1/models',
        'GET /v1/models/ID',
        'POST /v1/chat/completions',
        'POST /v1/completions',
        'POST /v1/embeddings',
        'POST /v1/jobs',
        'GET /v1/jobs',
        'GET /v1/jobs/ID',
        'DELETE /v1/jobs/ID',
      ],
    });
  });
  app.get('/pubkey', (_request, response) => {
    response.json({ pubkey: deps.signer.pubkey });
  });
  app.get('/metrics', localOnly, metricsEndpoint(deps.registry));
  app.get('/peers', peers(deps));
  app.get('/balance', balance(deps));
  app.get('/ledger', ledger(deps));
  app.get('/v1/models', models(deps));
  app.get(/^\/v1\/models\/(.+)$/, model(deps));
  app.post('/v1/chat/completions', rawJsonBody(), chatCompletions(deps));
  app.post('/v1/completions', rawJsonBody(), completions(deps));
  app.post('/v1/embeddings', rawJsonBody(), embeddings(deps));
  app.post('/v1/jobs', rawJsonBody(MAX_JOB_BYTES), placeJob(jobs));
  app.get('/v1/jobs', listJobs(deps));
  app.get('/v1/jobs/:id', showJob(deps, jobs));
  app.delete('/v1/jobs/:id', cancelJob(deps, jobs));

  app.use(notFound);
  app.use(
    errorHandler({
      // Jobs are Lobstah's own: v1 clients read `error.type` there.
      shapeOf: (path) => (path.startsWith('/v1/') && !path.startsWith('/v1/jobs') ? 'openai' : 'lobstah'),
      onUnexpected: (error) => deps.log.error({ err: error }, 'unexpected error'),
    }),
  );
  return app;
}
