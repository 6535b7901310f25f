import { parseServerUrl } from '../../idleclaw/server-url.ts';
import { GridError } from '../../protocol/errors.ts';
import type { Home } from '../home.ts';
import { openSettingsFile } from '../settings.ts';
import { serversOf } from './idleclaw-wish.ts';

/**
 * The servers a command means: those it names, else the one of IDLECLAW_SERVER, else the list in the settings.
 * @throws GridError invalid_argument when there is none, or one is broken: nothing is ever used in its place
 */
export function namedServers(
  named: readonly string[] | undefined,
  env: Readonly<Record<string, string | undefined>>,
  home: Home,
): readonly string[] {
  if (named && named.length > 0) return [...new Set(named.map(parseServerUrl))];
  if (env['IDLECLAW_SERVER']) return [parseServerUrl(env['IDLECLAW_SERVER'])];
  const servers = serversOf(openSettingsFile(home.settingsFile).current(), env);
  if (servers.length > 0) return servers;
  throw new GridError(
    'invalid_argument',
    "No IdleClaw server is named. Use '--server URL', the variable IDLECLAW_SERVER, or add one in Settings.",
  );
}
