import type { RequestHandler } from 'express';
import type { Hub } from './hub.ts';
import type { Health, HubModels } from '../frames.ts';

/** GET /health */
export function health(hub: Hub): RequestHandler {
  return (_request, response) => {
    response.json({
      status: 'healthy',
      uptime_seconds: Math.floor((hub.deps.clock.nowMs() - hub.startedAtMs) / 1_000),
      node_count: hub.nodes.size,
    } satisfies Health);
  };
}

/** GET /api/models */
export function models(hub: Hub): RequestHandler {
  return (_request, response) => {
    const names = hub.nodes.models();
    response.json({
      models: names,
      capabilities: Object.fromEntries(
        names.map((name) => {
          const { thinking = false, tool_calls = false } = hub.nodes.capabilities(name);
          return [name, { thinking, tool_calls }];
        }),
      ),
    } satisfies HubModels);
  };
}

/** GET /v1/models */
export function v1Models(hub: Hub): RequestHandler {
  return (_request, response) => {
    const created = Math.floor(hub.startedAtMs / 1_000);
    response.json({
      object: 'list',
      data: hub.nodes.models().map((id) => ({ id, object: 'model', created, owned_by: 'idleclaw' })),
    });
  };
}

/** GET /metrics, for Prometheus */
export function metrics(hub: Hub): RequestHandler {
  return async (_request, response) => {
    const { registry } = hub.metrics;
    response.set('content-type', registry.contentType).send(await registry.metrics());
  };
}
