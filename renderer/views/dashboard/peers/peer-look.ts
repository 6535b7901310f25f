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
