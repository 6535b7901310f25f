import type { CommandArgs } from '../../app/contract/commands.ts';

export interface OverlayForm {
  readonly relay: 'public' | 'own' | 'none';
  /** of the own relay */
  readonly url: string;
  readonly relayOnly: boolean;
}

export const EMPTY_OVERLAY_FORM: OverlayForm = { relay: 'public', url: '', relayOnly: false };

/** What is wrong with the address of the own relay, in words; the grid has the last word. */
export function relayProblem({ relay, url }: OverlayForm): string | undefined {
  if (relay !== 'own') return undefined;
  if (url.trim() === '') return 'Which relay? Whoever runs it tells you its address.';
  const parsed = URL.parse(url.trim());
  const isAddress = parsed !== null && /^https?:$/.test(parsed.protocol) && parsed.hostname !== '';
  return isAddress ? undefined : 'An address begins with https:// or http:// and names a host.';
}

export function overlayWish({ relay, url, relayOnly }: OverlayForm): CommandArgs<'setOverlay'> {
  // Without a relay there is nothing to go through only.
  return { state: 'on', relay: relay === 'own' ? url.trim() : relay, relayOnly: relayOnly && relay !== 'none' };
}
