import { Counter, Gauge, Histogram, Registry } from 'prom-client';

export interface HubCounts {
  nodes(): number;
  models(): number;
  running(): number;
}

/** What an operator watches. Nothing in it is about a person: no addresses, no prompts. */
export class HubMetrics {
  readonly registry = new Registry();
  readonly answers = this.counter('answers_total', 'answers by way and outcome', ['way', 'outcome']);
  readonly attempts = this.counter('attempts_total', 'requests to nodes by outcome', ['outcome']);
  readonly chunks = this.counter('chunks_total', 'chunks passed on', []);
  readonly refusals = this.counter('refusals_total', 'what was refused, and why', ['why']);
  readonly toolCalls = this.counter('tool_calls_total', 'tools run for models, by outcome', ['outcome']);
  readonly firstChunk = new Histogram({
    name: 'idleclaw_hub_first_chunk_seconds',
    help: 'from a request to the first chunk of its answer',
    buckets: [0.05, 0.1, 0.25, 0.5, 1, 2, 5, 10, 30, 60],
    registers: [this.registry],
  });
  /** the same as `refusals`, for the admin view */
  readonly refusedBy = new Map<string, number>();

  constructor(counts: HubCounts) {
    this.gauge('nodes', 'connected nodes', counts.nodes);
    this.gauge('models', 'different models of all nodes', counts.models);
    this.gauge('running_requests', 'requests under way at nodes', counts.running);
    this.gauge('cpu_seconds', 'processor time of the process', () => {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    });
    this.gauge('resident_memory_bytes', 'memory of the process', () => process.memoryUsage.rss());
  }

  refused(why: string): void {
    this.refusals.inc({ why });
    this.refusedBy.set(why, (this.refusedBy.get(why) ?? 0) + 1);
  }

  private counter<T extends string>(name: string, help: string, labelNames: T[]): Counter<T> {
    return new Counter({ name: `idleclaw_hub_${name}`, help, labelNames, registers: [this.registry] });
  }

  private gauge(name: string, help: string, read: () => number): void {
    const gauge: Gauge = new Gauge({
      name: `idleclaw_hub_${name}`,
      help,
      registers: [],
      collect: () => gauge.set(read()),
    });
    this.registry.registerMetric(gauge);
  }
}
