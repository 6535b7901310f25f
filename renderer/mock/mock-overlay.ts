import type { CommandArgs } from '../../app/contract/commands.ts';
import type { OverlayView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';

/** What the grid would show a moment later. A relay with 'refused' in its name is not understood. */
export function mockOverlay(wish: CommandArgs<'setOverlay'>, pubkey: string): OverlayView {
  if (wish.state === 'off') return wish;
  const { relay, relayOnly, port = 0 } = wish;
  if (relay.includes('refused'))
    throw new CommandError({
      code: 'invalid_argument',
      message: 'This is no address of a relay.',
      hint: 'Ask whoever runs it.',
    });
  const relayUrl = relay === 'none' ? null : relay === 'public' ? 'https://relay.example' : relay;
  const at = relayOnly ? '' : 'at=192.168.1.20:40123';
  const hints = [relayUrl === null ? '' : `relay=${relayUrl}`, at].filter((hint) => hint !== '').join('&');
  return {
    state: 'on',
    relay,
    relayOnly,
    port,
    sentence: `${relayUrl === null ? 'Reachable by key at the addresses of this Mac, without a relay.' : `Reachable by key through the relay ${new URL(relayUrl).host}.`} 2 peers are connected.`,
    address: `iroh:${pubkey.slice(4)}${hints === '' ? '' : `?${hints}`}`,
    relayUrl,
    connections: 2,
    problem: null,
  };
}
