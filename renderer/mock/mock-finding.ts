import type { CommandArgs } from '../../app/contract/commands.ts';
import type { AnnounceView, TrackerSyncView } from '../../app/contract/snapshot.ts';
import { CommandError } from '../state/command-error.ts';

/** What the grid would show of the opt-ins a moment later. A tracker with 'refused' in its name is not understood. */
export function mockAnnounce(wish: CommandArgs<'setAnnounce'>): AnnounceView {
  if (wish.state === 'off') return { state: 'off' };
  wish.trackers.forEach(refuse);
  const lastAnnouncedMs = Date.now();
  const { url, label } = wish;
  const trackers = wish.trackers.map((tracker) => ({ url: tracker, lastAnnouncedMs, problem: null }));
  return {
    state: 'on',
    sentence: `Announced to ${trackers.length === 1 ? 'one tracker' : `${trackers.length} trackers`}.`,
    url,
    label,
    trackers,
  };
}

export function mockSync(wish: CommandArgs<'setTrackerSync'>): TrackerSyncView {
  if (wish.state === 'off') return { state: 'off' };
  wish.trackers.forEach(refuse);
  const lastSyncMs = Date.now();
  const trackers = wish.trackers.map((url) => ({ url, lastSyncMs, found: 4, refused: 1, problem: null }));
  return { state: 'on', sentence: `${4 * trackers.length} peers found, ${trackers.length} refused.`, trackers };
}

function refuse(url: string): void {
  if (!url.includes('refused')) return;
  throw new CommandError({
    code: 'invalid_argument',
    message: 'The address of the tracker is not right.',
    hint: 'Ask whoever runs it.',
  });
}
