import { Agent, request } from 'undici';
import { z } from 'zod';
import type { CommandArgs, CommandName } from '../contract/commands.ts';
import type { GridSnapshot } from '../contract/snapshot.ts';
import { GridError, isGridErrorCode } from '../protocol/errors.ts';
import { findHome } from '../runtime/home.ts';

/** Talks to the Lobstah that runs on this home, through the unix socket in it. */
export async function controlSnapshot(): Promise<GridSnapshot> {
  return (await ask('GET', '/control/snapshot')) as GridSnapshot;
}

export function controlCommand<Name extends CommandName>(name: Name, args: CommandArgs<Name>): Promise<unknown> {
  return ask('POST', `/control/commands/${name}`, args);
}

/** @returns an address that opens the dashboard, signed in, once; null when this Lobstah has none */
export async function controlLink(): Promise<string | null> {
  const { url } = (await ask('POST', '/control/link')) as { url: string | null };
  return url;
}

const errorSchema = z.object({ error: z.object({ type: z.string(), message: z.string() }) });

async function ask(method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
  const { controlSocket } = findHome(process.env);
  if (controlSocket === '')
    throw new GridError('not_running', 'The path of the home folder is too long for the control socket.');
  const dispatcher = new Agent({ connect: { socketPath: controlSocket } });
  try {
    const response = await request(`http://localhost${path}`, {
      method,
      dispatcher,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    const answer: unknown = await response.body.json();
    const failure = errorSchema.safeParse(answer);
    if (!failure.success) return answer;
    const { type, message } = failure.data.error;
    throw new GridError(isGridErrorCode(type) ? type : 'internal_error', message);
  } catch (error) {
    if (error instanceof GridError) throw error;
    throw new GridError('not_running', undefined, { cause: error });
  } finally {
    await dispatcher.close();
  }
}
