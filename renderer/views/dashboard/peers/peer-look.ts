import type { PeerView } from '../../../../app/contract/snapshot.ts';
import type { Tone } from '../../../ui/Badge.tsx';

export const PEER_TONE: Record<PeerView['state'], Tone> = {
  reachable: 'good',
  unreachable: 'trouble',
  resting: 'wait',
  unknown: 'neutral',
  blocked: 'neutral',
};

export const PEER_WORD: Record<PeerView['state'], string> = {
  reachable: 'Reachable',
  unreachable: 'Not reachable',
  resting: 'Not sharing right now',
  unknown: 'Not asked yet',
  blocked: 'Blocked',
};

/** How a peer is reached that is reached by its key; addresses speak for themselves. */
export function pathWords({ path, rttMs }: Pick<PeerView, 'path' | 'rttMs'>): string | null {
  if (path === 'http' || path === 'https') return null;
  if (path === 'overlay') return 'not connected';
  const words = path === 'direct' ? 'direct' : 'through a relay';
  return rttMs === null ? words : `${words}, ${Math.round(rttMs)} ms`;
}
