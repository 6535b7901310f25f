import type { CommandArgs } from '../../contract/commands.ts';
import { parseRelayUrl } from '../../peers/nostr/relay-url.ts';
import { parsePeerUrl } from '../../peers/peer.ts';
import { GridError } from '../../protocol/errors.ts';
import { nostrAddressOf } from '../nostr-finding.ts';
import type { Settings } from '../settings.ts';
import { formatOverlayAddress, NO_HINTS, parseOverlayAddress } from '../../protocol/overlay-address.ts';
import type { CommandDeps, Handlers } from './command-deps.ts';

/** Being found and finding others: on trackers, on Nostr relays, on the local network. */
export function findingCommands(deps: CommandDeps): Handlers<'setAnnounce' | 'setTrackerSync' | 'setNostr' | 'setLan'> {
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
    setNostr(wish) {
      deps.settings.change((settings) => withNostr(settings, wish));
      return changed();
    },
    setLan(wish) {
      deps.settings.change((settings) => withLan(settings, wish));
      return changed();
    },
  };
}

/** @throws GridError invalid_argument */
export function withNostr(settings: Settings, wish: CommandArgs<'setNostr'>): Settings {
  const next: Settings = { ...settings, nostr: wish.state === 'off' ? wish : parseNostrWish(wish) };
  if (next.nostr.state === 'on' && next.nostr.announce && !nostrAddressOf(next))
    throw new GridError('invalid_argument', 'To be announced, this machine needs an address where others reach it.');
  return next;
}

/** Both switches off is off. */
export function withLan(settings: Settings, wish: CommandArgs<'setLan'>): Settings {
  const isOff = wish.state === 'off' || (!wish.announce && !wish.find);
  return { ...settings, lan: isOff ? { state: 'off' } : wish };
}

function parseNostrWish(wish: Extract<CommandArgs<'setNostr'>, { state: 'on' }>): Settings['nostr'] {
  const { announce, find, publishReceipts, url = '', label = '' } = wish;
  if (!announce && !find && !publishReceipts) return { state: 'off' };
  return {
    state: 'on',
    relays: [...new Set(wish.relays.map(parseRelay))],
    announce,
    find,
    publishReceipts,
    url: url === '' ? '' : parseAddress(url, 'The address where others reach this machine'),
    label,
  };
}

function parseRelay(text: string): string {
  const relay = parseRelayUrl(text);
  if ('problem' in relay)
    throw new GridError('invalid_argument', `The address of the relay is not right: ${relay.problem}.`);
  return relay.url;
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
