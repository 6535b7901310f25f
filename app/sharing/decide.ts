/** What the owner said about sharing. Times in ms since 1970. */
export interface SharingWish {
  readonly on: boolean;
  /** a manual pause: until then, or until switched on again ('open') */
  readonly pausedUntilMs: number | 'open' | undefined;
}

export type SharingState = 'off' | 'ready' | 'paused';

export interface SharingDecision {
  readonly state: SharingState;
  readonly reason: 'switched-off' | 'manual-pause' | 'switched-on';
  readonly untilMs: number | undefined;
}

/** May this machine serve others now? The owner's own requests are never asked about. Pure; checked at every admission. */
export function decideSharing(wish: SharingWish, nowMs: number): SharingDecision {
  if (!wish.on) return { state: 'off', reason: 'switched-off', untilMs: undefined };
  if (wish.pausedUntilMs === 'open') return { state: 'paused', reason: 'manual-pause', untilMs: undefined };
  if (wish.pausedUntilMs !== undefined && nowMs < wish.pausedUntilMs)
    return { state: 'paused', reason: 'manual-pause', untilMs: wish.pausedUntilMs };
  return { state: 'ready', reason: 'switched-on', untilMs: undefined };
}
