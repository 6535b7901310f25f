import { request } from 'undici';
import { GridError } from '../protocol/errors.ts';
import { findHome } from '../runtime/home.ts';
import { runningUrl } from '../runtime/roles.ts';
import { openSettingsFile } from '../runtime/settings.ts';

/** The router of this home: the one that runs, else where it would listen. */
export function routerUrlOf(): string {
  const home = findHome(process.env);
  return runningUrl(home, 'router') ?? `http://127.0.0.1:${openSettingsFile(home.settingsFile).current().router.port}`;
}

/** @throws GridError not_running */
export async function readRouter<Answer>(url: string, path: string): Promise<Answer> {
  try {
    const { statusCode, body } = await request(`${url}${path}`, { signal: AbortSignal.timeout(10_000) });
    const answer: unknown = await body.json();
    if (statusCode !== 200 || typeof answer !== 'object' || answer === null) throw new Error(`status ${statusCode}`);
    return answer as Answer;
  } catch (error) {
    throw new GridError('not_running', `No Lobstah router answers at ${url}.`, { cause: error });
  }
}
