import { Registry } from 'prom-client';
import { addGauge } from '../http/metrics-endpoint.ts';

/** What this process has to say for itself at GET /metrics; worker and router add theirs. */
export function createRegistry(): Registry {
  const registry = new Registry();
  addGauge(registry, 'process_resident_memory_bytes', 'Memory of the process.', () => process.memoryUsage.rss());
  addGauge(registry, 'process_cpu_seconds', 'Processor time of the process, all threads.', () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1e6;
  });
  return registry;
}
