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

/** LOBSTAH_API_KEY: what a router of this home was started with, and what its clients show. */
export function apiKeyFromEnvironment(): string | undefined {
  return process.env['LOBSTAH_API_KEY'] || undefined;
}

/** @throws GridError not_running, key_required */
export async function readRouter<Answer>(url: string, path: string): Promise<Answer> {
  const apiKey = apiKeyFromEnvironment();
  try {
    const { statusCode, body } = await request(`${url}${path}`, {
      signal: AbortSignal.timeout(10_000),
      headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
    });
    const answer: unknown = await body.json();
    if (statusCode === 401) throw new GridError('key_required');
    if (statusCode !== 200 || typeof answer !== 'object' || answer === null) throw new Error(`status ${statusCode}`);
    return answer as Answer;
  } catch (error) {
    if (error instanceof GridError) throw error;
    throw new GridError('not_running', `No Lobstah router answers at ${url}.`, { cause: error });
  }
}
