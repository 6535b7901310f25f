import { parsePeerUrl } from '../../peers/peer.ts';
import { GridError } from '../../protocol/errors.ts';
import { formatOverlayAddress, NO_HINTS, parseOverlayAddress } from '../../protocol/overlay-address.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

/** The opt-ins around trackers: being announced, and reading who else is. */
export function findingCommands(deps: CommandDeps): Handlers<'setAnnounce' | 'setTrackerSync'> {
  const changed = (): null => {
    deps.finding.look();
    deps.news.touch();
    return null;
  };
  return {
    setAnnounce(wish) {
      const announce =
        wish.state === 'off'
          ? wish
          : {
              ...wish,
              trackers: wish.trackers.map(parseTrackerUrl),
              url: parseAnnouncedAddress(wish.url, 'The address where others reach this machine'),
            };
      deps.settings.change((settings) => ({ ...settings, announce }));
      return changed();
    },
    setTrackerSync(wish) {
      const trackerSync = wish.state === 'off' ? wish : { ...wish, trackers: wish.trackers.map(parseTrackerUrl) };
      deps.settings.change((settings) => ({ ...settings, trackerSync }));
      return changed();
    },
  };
}

/** @throws GridError invalid_argument */
export function parseTrackerUrl(text: string): string {
  return parseAddress(text, 'The address of the tracker');
}

/** @throws GridError invalid_argument */
export function parseAddress(text: string, what: string): string {
  const address = parsePeerUrl(text);
  if ('problem' in address) throw new GridError('invalid_argument', `${what} is not right: ${address.problem}.`);
  return address.url;
}

/**
 * Where others reach this machine: an address, or its key. Hints are for friends: strangers do not follow them.
 * @throws GridError invalid_argument
 */
export function parseAnnouncedAddress(text: string, what: string): string {
  const overlay = parseOverlayAddress(text.trim());
  if ('problem' in overlay) return parseAddress(text, what);
  return formatOverlayAddress({ pubkey: overlay.pubkey, hints: NO_HINTS });
}
