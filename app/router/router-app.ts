import express, { type Express } from 'express';
import { apiKeyGuard } from '../http/api-key.ts';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { hostGuard, originGuard } from '../http/guard.ts';
import { rawJsonBody } from '../http/json-body.ts';
import { localOnly } from '../http/local-only.ts';
import { metricsEndpoint } from '../http/metrics-endpoint.ts';
import { chatCompletions } from './chat-completions.ts';
import type { RouterDeps } from './router-deps.ts';
import { balance, ledger, models, peers } from './views.ts';

/** The local OpenAI-compatible server that spends what was earned. Opens no port. */
export function createRouterApp(deps: RouterDeps): Express {
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
        'POST /v1/chat/completions',
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
  app.post('/v1/chat/completions', rawJsonBody(), chatCompletions(deps));

  app.use(notFound);
  app.use(
    errorHandler({
      shapeOf: (path) => (path.startsWith('/v1/') ? 'openai' : 'lobstah'),
      onUnexpected: (error) => deps.log.error({ err: error }, 'unexpected error'),
    }),
  );
  return app;
}
