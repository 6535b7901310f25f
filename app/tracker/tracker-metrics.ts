import type { RequestHandler } from 'express';
import { Counter, Gauge, Histogram, Registry as Metrics } from 'prom-client';
import type { Registry } from './registry.ts';

/** Counts for the operator of a tracker: no keys, no addresses. */
export interface TrackerMetrics {
  counted(what: 'announce' | 'unannounce', result: string): void;
  /** times every request by its route */
  readonly timer: RequestHandler;
  readonly endpoint: RequestHandler;
}

export function createTrackerMetrics(registry: Registry): TrackerMetrics {
  const metrics = new Metrics();
  const registers = [metrics];
  gauge('lobstah_tracker_peers', 'Peers that are announced right now.', () => registry.count);
  gauge('lobstah_tracker_bytes', 'Bytes the entries take.', () => registry.bytes);
  gauge('lobstah_tracker_changes', 'Changes since the start.', () => registry.changes.revision);
  gauge('process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  const results = new Counter({
    name: 'lobstah_tracker_results_total',
    help: 'What became of announcements and of wishes to be forgotten.',
    labelNames: ['what', 'result'] as const,
    registers,
  });
  const seconds = new Histogram({
    name: 'lobstah_tracker_request_seconds',
    help: 'Time until an answer was sent.',
    labelNames: ['route', 'status'] as const,
    buckets: [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5],
    registers,
  });

  function gauge(name: string, help: string, read: () => number): void {
    // oxlint-disable-next-line no-new -- it belongs to its registry
    new Gauge({
      name,
      help,
      registers,
      collect() {
        this.set(read());
      },
    });
  }

  return {
    counted: (what, result) => results.inc({ what, result }),
    timer(request, response, next) {
      const startedMs = performance.now();
      response.once('close', () => {
        // Paths that nobody serves are one name: whoever asks for a million of them makes no million labels.
        const route = (request.route as { path?: string } | undefined)?.path ?? 'none';
        seconds.observe({ route, status: response.statusCode }, (performance.now() - startedMs) / 1000);
      });
      next();
    },
    async endpoint(_request, response) {
      response.type(metrics.contentType).send(await metrics.metrics());
    },
  };
}
