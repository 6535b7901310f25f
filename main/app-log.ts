import type { App } from 'electron';
import type { Logger } from 'pino';
import { join } from 'node:path';
import { openLog } from '../app/runtime/log.ts';

export type { Logger };

/** The shell's own log, where macOS keeps the logs of apps. The grid writes to the one in its home. */
export function openAppLog(app: App): Logger {
  const log = openLog(join(app.getPath('logs'), 'app.log'), process.env['LOBSTAH_LOG'] ?? 'info');
  process.on('uncaughtExceptionMonitor', (error) => log.fatal({ err: error }, 'uncaught'));
  app.on('render-process-gone', (_event, contents, { reason, exitCode }) =>
    log.error({ reason, exitCode, url: contents.getURL() }, 'a page is gone'),
  );
  app.on('child-process-gone', (_event, { type, reason, exitCode, name }) =>
    log.warn({ type, reason, exitCode, name }, 'a helper process is gone'),
  );
  return log;
}
