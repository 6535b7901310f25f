import type { SharingView } from '../../contract/snapshot.ts';
import type { SharingDecision } from '../../sharing/decide.ts';

/** What is served, and what there would be to serve. */
export interface SharingFacts {
  readonly on: boolean;
  readonly offline: boolean;
  readonly serving: number;
  readonly shareable: number;
  readonly friendsOnly: boolean;
  /** why nothing can be shared; said when `shareable` is 0 */
  readonly nothingToShare: string;
}

/** One decision in the words and colours of every user interface. */
export function sharingView(decision: SharingDecision, facts: SharingFacts): SharingView {
  const { state: phase, reasons, untilMs } = decision;
  const base = {
    on: facts.on,
    phase,
    reasons,
    offline: facts.offline,
    pausedUntilMs: phase === 'paused' ? (untilMs ?? null) : null,
  };
  const why = reasons[0]?.sentence ?? '';
  if (phase === 'off') return { ...base, state: 'off', sentence: why };
  if (phase === 'paused') return { ...base, state: 'paused', sentence: why };
  if (phase === 'waiting') return { ...base, state: 'paused', sentence: `Waiting. ${why}` };
  const requests = facts.serving === 1 ? 'one request' : `${facts.serving} requests`;
  if (phase === 'draining') return { ...base, state: 'serving', sentence: `Finishing ${requests}. ${why}` };
  if (facts.serving > 0) return { ...base, state: 'serving', sentence: `Serving ${requests}.` };
  if (facts.shareable === 0) return { ...base, state: 'trouble', sentence: facts.nothingToShare };
  const models = facts.shareable === 1 ? 'One model is shared.' : `${facts.shareable} models are shared.`;
  const whom = facts.friendsOnly ? ' For friends and your devices only.' : '';
  return { ...base, state: 'ready', sentence: `Ready, nobody is asking right now. ${models}${whom}` };
}
