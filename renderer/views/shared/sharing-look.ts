import type { SharingState } from '../../../app/contract/snapshot.ts';
import type { Tone } from '../../ui/Badge.tsx';

/** One colour per meaning, the same in every view and in the tray. */
export const SHARING_TONE: Record<SharingState, Tone> = {
  off: 'neutral',
  ready: 'good',
  serving: 'good',
  paused: 'wait',
  trouble: 'trouble',
};

export const SHARING_WORD: Record<SharingState, string> = {
  off: 'Not sharing',
  ready: 'Sharing',
  serving: 'Serving',
  paused: 'Paused',
  trouble: 'Needs a look',
};
