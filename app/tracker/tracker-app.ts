import express, { type Express, type Request, type RequestHandler, type Response } from 'express';
import { clientAddress, networkOf } from '../http/client-network.ts';
import { errorHandler, notFound } from '../http/error-handler.ts';
import { hostGuard, originGuard } from '../http/guard.ts';
import { rawJsonBody } from '../http/json-body.ts';
import { GridError } from '../protocol/errors.ts';
import { announce, unannounce } from './announce.ts';
import { createBuckets, type Buckets } from '../http/buckets.ts';
import { createPeerList } from './peer-list.ts';
import { peers } from './peers.ts';
import { createRegistry } from './registry.ts';
import type { TrackerDeps } from './tracker-deps.ts';
import { createTrackerMetrics } from './tracker-metrics.ts';

/** An announcement with two hundred long names fits. */
const MAX_BODY_BYTES = 16 * 1024;
/** What is over is looked for when somebody asks, at most this often. */
const SWEEP_MS = 500;

/** The opt-in discovery server: who is there, and nothing else. Opens no port and starts no timer. */
export function createTrackerApp(deps: TrackerDeps): Express {
  const registry = createRegistry(deps.limits);
  const list = createPeerList(registry, deps.randomHex(4));
  const metrics = createTrackerMetrics(registry);
  const announceRate = createBuckets(deps.limits.announces);
  const keyRate = createBuckets(deps.limits.announcesPerKey);
  const readRate = createBuckets(deps.limits.reads);
  let sweptAtMs = -Infinity;
  const room = { registry, list, metrics, nowMs: deps.nowMs, limitKey: limiter(keyRate) };

  function limiter(buckets: Buckets) {
    return (name: string, response: Response): void => {
      const waitMs = buckets.take(name, deps.nowMs());
      if (waitMs === 0) return;
      response.set('retry-after', String(Math.ceil(waitMs / 1000)));
      throw new GridError('rate_limited');
    };
  }
  const limitBy = (buckets: Buckets): RequestHandler => {
    const limit = limiter(buckets);
    return (request, response, next) => {
      limit(networkIn(request), response);
      next();
    };
  };
  const networkIn = (request: Request) => networkOf(clientAddress(request, deps.trustedProxies));
  const sweep: RequestHandler = (_request, _response, next) => {
    const nowMs = deps.nowMs();
    if (Math.abs(nowMs - sweptAtMs) >= SWEEP_MS) {
      registry.sweep(nowMs);
      sweptAtMs = nowMs;
    }
    next();
  };

  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.set('query parser', 'simple');
  if (deps.allowedHosts !== 'any') app.use(hostGuard(deps.allowedHosts), originGuard());
  app.use(metrics.timer, sweep);

  const body = rawJsonBody(MAX_BODY_BYTES);
  app.post('/announce', limitBy(announceRate), body, announce(room, networkIn));
  app.post('/unannounce', limitBy(announceRate), body, unannounce(room));
  app.get('/peers', limitBy(readRate), peers(room));
  app.get('/metrics', limitBy(readRate), metrics.endpoint);
  app.get('/', limitBy(readRate), (_request, response) => {
    response.json({
      name: 'lobstah-tracker',
      version: 1,
      addresses: ['http', 'https', 'iroh'],
      registeredCount: registry.count,
      endpoints: ['POST /announce', 'POST /unannounce', 'GET /peers', 'GET /metrics'],
    });
  });

  app.use(notFound);
  app.use(errorHandler({ shapeOf: () => 'lobstah', onUnexpected: deps.onUnexpected }));
  return app;
}
