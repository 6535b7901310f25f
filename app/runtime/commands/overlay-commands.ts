import { GridError } from '../../protocol/errors.ts';
import { parseRelayUrl } from '../../protocol/overlay-address.ts';
import type { CommandArgs } from '../../contract/commands.ts';
import type { Settings } from '../settings.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

export function overlayCommands(deps: CommandDeps): Handlers<'setOverlay'> {
  return {
    async setOverlay(args) {
      const overlay = parseOverlayWish(args);
      deps.settings.change((settings) => ({ ...settings, overlay }));
      deps.news.touch();
      await deps.reach.look();
      return null;
    },
  };
}

/** @throws GridError invalid_argument */
export function parseOverlayWish(args: CommandArgs<'setOverlay'>): Settings['overlay'] {
  if (args.state === 'off') return { state: 'off' };
  const relay = args.relay === 'public' || args.relay === 'none' ? args.relay : parseRelayUrl(args.relay);
  if (relay === undefined)
    throw new GridError(
      'invalid_argument',
      `'${args.relay.slice(0, 80)}' is no relay: it is 'public', 'none', or an address like https://relay.example.`,
    );
  if (relay === 'none' && args.relayOnly)
    throw new GridError('invalid_argument', 'Without a relay nobody can be reached through relays only.');
  return { state: 'on', relay, relayOnly: args.relayOnly, port: args.port ?? 0 };
}
