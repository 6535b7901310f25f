import { parseServerUrl } from '../../idleclaw/server-url.ts';
import { GridError } from '../../protocol/errors.ts';
import type { Settings } from '../settings.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

type IdleClawCommand = 'setIdleClaw' | 'addIdleClawServer' | 'removeIdleClawServer';

const MOST_SERVERS = 16;

/** Whom this machine works for besides the grid, and whether it may ask there. */
export function idleClawCommands(deps: CommandDeps): Handlers<IdleClawCommand> {
  const change = (members: Partial<Settings['idleclaw']>): void => {
    deps.settings.change((settings) => ({ ...settings, idleclaw: { ...settings.idleclaw, ...members } }));
    deps.contributing?.sync();
    deps.news.touch();
  };
  const servers = () => deps.settings.current().idleclaw.servers;
  return {
    setIdleClaw({ contribute, consume }) {
      change({ ...(contribute === undefined ? {} : { contribute }), ...(consume === undefined ? {} : { consume }) });
      return null;
    },
    addIdleClawServer({ url: text }) {
      const url = parseServerUrl(text);
      if (servers().includes(url)) throw new GridError('invalid_argument', 'This server is in the list already.');
      if (servers().length >= MOST_SERVERS)
        throw new GridError('invalid_argument', `More than ${MOST_SERVERS} servers are too many for one machine.`);
      change({ servers: [...servers(), url] });
      return { url };
    },
    removeIdleClawServer({ url }) {
      const rest = servers().filter((server) => server !== url);
      const removed = rest.length < servers().length;
      if (removed) change({ servers: rest });
      return { removed };
    },
  };
}
