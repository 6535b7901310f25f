import { chmodSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { Logger } from 'pino';
import type { GridHost } from '../../contract/grid-host.ts';
import { notFound } from '../../http/error-handler.ts';
import type { Home } from '../home.ts';
import { controlErrors, createControlApp } from './control-app.ts';

/**
 * The contract on a unix socket in the home folder, for the command line. Only the owner's account can open it (mode 0600 in
 * a folder of mode 0700), so it needs no token.
 * @returns closes it
 */
export async function listenControlSocket(
  home: Home,
  host: GridHost,
  issueLink: () => string | undefined,
  log: Logger,
): Promise<() => Promise<void>> {
  const path = home.controlSocket;
  // The path is longer than a unix socket may have: commands that need it say that nothing runs.
  if (path === '') return () => Promise.resolve();
  if (await isAlive(path)) return () => Promise.resolve(); // another role of this home has it
  rmSync(path, { force: true }); // left behind by a kill -9
  const app = createControlApp(host, { guards: [], log });
  // Whoever may open this socket may have a signed-in page.
  app.post('/control/link', (_request, response) => {
    response.json({ url: issueLink() ?? null });
  });
  app.use(notFound, controlErrors(log));
  const server = createServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(path, resolve);
  });
  chmodSync(path, 0o600);
  return async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    rmSync(path, { force: true });
  };
}

function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
