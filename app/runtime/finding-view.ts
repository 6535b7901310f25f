import type { AnnounceView, TrackerSyncView } from '../contract/snapshot.ts';
import type { AnnounceState, AnnounceWish } from '../peers/announcer.ts';
import type { SyncState, TrackerSyncWish } from '../peers/tracker-sync.ts';

/** The states of both opt-ins in words. Pure. */
export function announceView(wish: AnnounceWish, states: readonly AnnounceState[], isSharing: boolean): AnnounceView {
  if (wish.state === 'off') return { state: 'off' };
  const trackers = wish.trackers.map((url) => {
    const known = states.find(({ tracker }) => tracker === url);
    return { url, lastAnnouncedMs: known?.lastAnnouncedMs ?? null, problem: known?.problem ?? null };
  });
  const told = trackers.filter(({ lastAnnouncedMs, problem }) => lastAnnouncedMs !== null && problem === null).length;
  const problem = trackers.find((tracker) => tracker.problem !== null)?.problem;
  const sentence = !isSharing
    ? 'Not announced: you are not sharing right now.'
    : told === trackers.length
      ? `Announced to ${count(told, 'tracker')}.`
      : problem !== undefined
        ? `Announced to ${told} of ${count(trackers.length, 'tracker')}. ${problem}`
        : 'Announcing …';
  return { state: 'on', sentence, url: wish.url, label: wish.label, trackers };
}

export function trackerSyncView(wish: TrackerSyncWish, states: readonly SyncState[]): TrackerSyncView {
  if (wish.state === 'off') return { state: 'off' };
  const trackers = wish.trackers.map((url) => {
    const known = states.find(({ tracker }) => tracker === url);
    return {
      url,
      lastSyncMs: known?.lastSyncMs ?? null,
      found: known?.found ?? 0,
      refused: known?.refused ?? 0,
      problem: known?.problem ?? null,
    };
  });
  const found = trackers.reduce((sum, tracker) => sum + tracker.found, 0);
  const refused = trackers.reduce((sum, tracker) => sum + tracker.refused, 0);
  const problem = trackers.find((tracker) => tracker.problem !== null)?.problem;
  const hasRead = trackers.some(({ lastSyncMs }) => lastSyncMs !== null);
  const sentences = [
    hasRead ? `${count(found, 'peer')} found${refused > 0 ? `, ${refused} refused` : ''}.` : undefined,
    problem,
  ].filter((sentence) => sentence !== undefined);
  return { state: 'on', sentence: sentences.join(' ') || 'Asking …', trackers };
}

const count = (number: number, noun: string) => (number === 1 ? `one ${noun}` : `${number} ${noun}s`);
