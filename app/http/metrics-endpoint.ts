import type { RequestHandler } from 'express';
import { Gauge, type Registry } from 'prom-client';

/** GET /metrics in the text format of Prometheus. */
export function metricsEndpoint(registry: Registry): RequestHandler {
  return async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  };
}

/** A number that is read when somebody looks. */
export function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  const gauge: Gauge = new Gauge({
    name,
    help,
    registers: [registry],
    collect(): void {
      gauge.set(read());
    },
  });
}
