import { parseServerUrl } from '../../idleclaw/server-url.ts';
import type { Settings } from '../settings.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** IDLECLAW_SERVER, looked at when a grid starts: a broken one must not be found out in the middle. @throws GridError invalid_argument */
export function envServer(env: Env): string | undefined {
  return env['IDLECLAW_SERVER'] ? parseServerUrl(env['IDLECLAW_SERVER']) : undefined;
}

/** The servers of the settings; where there are none, the one of IDLECLAW_SERVER. Never any other. */
export function serversOf({ idleclaw }: Settings, env: Env): readonly string[] {
  if (idleclaw.servers.length > 0) return [...new Set(idleclaw.servers.map(parseServerUrl))];
  const server = envServer(env);
  return server === undefined ? [] : [server];
}
