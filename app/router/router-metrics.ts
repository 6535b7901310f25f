import { Counter, Histogram, type Registry } from 'prom-client';
import { addGauge } from '../http/metrics-endpoint.ts';

/** No labels with keys, models or addresses: a scrape tells how it goes, not who asks whom. */
export interface RouterMetrics {
  /** 'ok', the code of an error, or 'hung_up' */
  ended(outcome: string, seconds: number): void;
  firstContent(seconds: number): void;
  peerFailed(code: string): void;
  settled(outcome: 'posted' | 'known' | 'disputed' | 'late'): void;
}

const SECONDS = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

export function createRouterMetrics(registry: Registry, running: () => number): RouterMetrics {
  const registers = [registry];
  const ended = new Histogram({
    name: 'lobstah_router_request_seconds',
    help: 'Requests by how they ended.',
    labelNames: ['outcome'] as const,
    buckets: SECONDS,
    registers,
  });
  const first = new Histogram({
    name: 'lobstah_router_first_content_seconds',
    help: 'From a request to the first content of its answer.',
    buckets: SECONDS,
    registers,
  });
  const failed = new Counter({
    name: 'lobstah_router_peer_failures_total',
    help: 'Peers that were asked and failed, by the reason.',
    labelNames: ['code'] as const,
    registers,
  });
  const settled = new Counter({
    name: 'lobstah_router_receipts_total',
    help: 'What became of receipts.',
    labelNames: ['outcome'] as const,
    registers,
  });
  addGauge(registry, 'lobstah_router_running_requests', 'Requests under way.', running);
  return {
    ended: (outcome, seconds) => ended.observe({ outcome }, seconds),
    firstContent: (seconds) => first.observe(seconds),
    peerFailed: (code) => failed.inc({ code }),
    settled: (outcome) => settled.inc({ outcome }),
  };
}
