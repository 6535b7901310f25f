import { request } from 'undici';
import { GridError } from '../protocol/errors.ts';
import { findHome } from '../runtime/home.ts';
import { runningPort } from '../runtime/roles.ts';
import { openSettingsFile } from '../runtime/settings.ts';

/** The router of this home: the one that runs, else where it would listen. */
export function routerUrlOf(): string {
  const home = findHome(process.env);
  const port = runningPort(home, 'router') ?? openSettingsFile(home.settingsFile).current().router.port;
  return `http://127.0.0.1:${port}`;
}

/** @throws GridError not_running */
export async function readRouter<Answer>(url: string, path: string): Promise<Answer> {
  try {
    const { body } = await request(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
    return (await body.json()) as Answer;
  } catch (error) {
    throw new GridError('not_running', `No router answers at ${url}.`, { cause: error });
  }
}
