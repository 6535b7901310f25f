import express, { type Express, type RequestHandler } from 'express';
import type { Logger } from 'pino';
import { EVENT_NAMES } from '../../contract/events.ts';
import type { GridHost } from '../../contract/grid-host.ts';
import { errorHandler } from '../../http/error-handler.ts';
import { parseJsonBody, rawJsonBody } from '../../http/json-body.ts';
import { SSE_HEADERS } from '../../http/sse.ts';

const MAX_COMMAND_BYTES = 256 * 1024;
/** Keeps proxies and sleeping sockets honest; also what notices a page that is gone. */
const KEEP_ALIVE_MS = 25_000;

/**
 * The contract over HTTP: one snapshot, one stream of events, one POST per command. `guards` decide who may: file permissions
 * of a unix socket, or Host, Origin and token of the control server.
 */
export function createControlApp(host: GridHost, options: { guards: readonly RequestHandler[]; log: Logger }): Express {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  for (const guard of options.guards) app.use('/control', guard);

  app.get('/control/snapshot', (_request, response) => {
    response.json(host.snapshot());
  });
  app.get('/control/events', events(host));
  app.post('/control/commands/:name', rawJsonBody(MAX_COMMAND_BYTES), async (request, response) => {
    const result = await host.command(String(request.params['name']), parseJsonBody(request.body));
    response.json(result ?? null);
  });

  return app;
}

export function controlErrors(log: Logger) {
  return errorHandler({
    shapeOf: () => 'lobstah',
    onUnexpected: (error) => log.error({ err: error }, 'unexpected error'),
  });
}

/** Every event of the contract, as `event: name` and its JSON. */
function events(host: GridHost): RequestHandler {
  return (_request, response) => {
    response.set(SSE_HEADERS).flushHeaders();
    const stop = EVENT_NAMES.map((name) =>
      host.on(name, (event) => {
        // A page that does not read would fill memory: it misses events and asks for a snapshot when it is back.
        if (!response.writableNeedDrain) response.write(`event: ${name}\ndata: ${JSON.stringify(event)}\n\n`);
      }),
    );
    response.write(':\n\n');
    const keepAlive = setInterval(() => response.write(':\n\n'), KEEP_ALIVE_MS);
    response.on('close', () => {
      clearInterval(keepAlive);
      for (const off of stop) off();
    });
  };
}
