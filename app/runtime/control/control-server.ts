import express, { type RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { GridHost } from '../../contract/grid-host.ts';
import { hostGuard, originGuard } from '../../http/guard.ts';
import { notFound } from '../../http/error-handler.ts';
import { parseJsonBody, rawJsonBody } from '../../http/json-body.ts';
import { listen, type RunningServer } from '../../http/listen.ts';
import { GridError } from '../../protocol/errors.ts';
import { controlErrors, createControlApp } from './control-app.ts';
import { createSessions } from './sessions.ts';

/** Nothing but what this server itself serves, and no page may frame it. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const securityHeaders: RequestHandler = (_request, response, next) => {
  response.set({
    'content-security-policy': CSP,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
  });
  next();
};

export interface ControlServer {
  readonly url: string;
  /** an address that opens the dashboard once, signed in */
  issueLink(): string;
  readonly server: RunningServer;
}

/** The dashboard where there is no app: the same pages, the same contract, over HTTP on loopback. */
export async function listenControlServer(options: {
  host: GridHost;
  port: number;
  /** the built pages */
  pagesFolder: string;
  log: Logger;
  randomHex: (bytes: number) => string;
  nowMs: () => number;
}): Promise<ControlServer> {
  const sessions = createSessions(options);
  const app = express();
  app.disable('x-powered-by');
  app.use(securityHeaders, hostGuard());
  let ownOrigin: RequestHandler = (_request, _response, next) => next(new GridError('shutting_down'));
  app.use((request, response, next) => ownOrigin(request, response, next));

  app.post('/control/session', rawJsonBody(1024), (request, response) => {
    const { code } = (parseJsonBody(request.body) ?? {}) as { code?: unknown };
    response.json({ token: sessions.redeem(code) });
  });
  app.use(createControlApp(options.host, { guards: [sessions.guard], log: options.log }));
  // Names of built files carry a hash of their content; index.html does not and is asked for anew.
  app.use(
    express.static(options.pagesFolder, {
      setHeaders: (response, path) =>
        response.set('cache-control', path.endsWith('.html') ? 'no-cache' : 'public, max-age=31536000, immutable'),
    }),
  );
  app.use(notFound);
  app.use(controlErrors(options.log));

  const server = await listen(app, { host: '127.0.0.1', port: options.port });
  // The origin is known only now that the port is.
  ownOrigin = originGuard([server.url, server.url.replace('127.0.0.1', 'localhost')]);
  return { url: server.url, server, issueLink: () => `${server.url}/#code=${sessions.issueCode()}` };
}
