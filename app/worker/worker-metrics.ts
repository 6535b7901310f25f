import { Counter, Histogram, type Registry } from 'prom-client';
import { addGauge } from '../http/metrics-endpoint.ts';

/** No labels with keys or models: a scrape tells how it goes, not who was served. */
export interface WorkerMetrics {
  /** @param outcome 'ok', the code of an error, or 'hung_up' */
  ended(outcome: string, seconds: number): void;
  tokens(usage: { readonly inputTokens: number; readonly outputTokens: number }): void;
}

export function createWorkerMetrics(
  registry: Registry,
  load: () => { readonly running: number; readonly waiting: number },
): WorkerMetrics {
  const registers = [registry];
  const ended = new Histogram({
    name: 'lobstah_worker_request_seconds',
    help: 'Requests by how they ended.',
    labelNames: ['outcome'] as const,
    buckets: [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    registers,
  });
  const tokens = new Counter({
    name: 'lobstah_worker_tokens_total',
    help: 'Tokens of receipts that were signed.',
    labelNames: ['direction'] as const,
    registers,
  });
  addGauge(registry, 'lobstah_worker_running_requests', 'Requests the engine works on.', () => load().running);
  addGauge(registry, 'lobstah_worker_waiting_requests', 'Requests that wait for a place.', () => load().waiting);
  return {
    ended: (outcome, seconds) => ended.observe({ outcome }, seconds),
    tokens({ inputTokens, outputTokens }) {
      tokens.inc({ direction: 'input' }, inputTokens);
      tokens.inc({ direction: 'output' }, outputTokens);
    },
  };
}
