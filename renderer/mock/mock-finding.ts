import type { CommandArgs } from '../../app/contract/commands.ts';
import type { AnnounceView, LanView, NostrView, TrackerSyncView } from '../../app/contract/snapshot.ts';
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

export function mockNostr(wish: CommandArgs<'setNostr'>): NostrView {
  if (wish.state === 'off' || (!wish.announce && !wish.find && !wish.publishReceipts)) return { state: 'off' };
  wish.relays.forEach(refuse);
  const { announce, find, publishReceipts, url = '', label = '' } = wish;
  const relays = wish.relays.map((relay) => ({
    url: relay,
    connected: true,
    lastAnnouncedMs: announce ? Date.now() : null,
    found: find ? 6 : 0,
    refused: 0,
    problem: null,
  }));
  const sentences = [
    announce ? `Announced to ${relays.length === 1 ? 'one relay' : `${relays.length} relays`}.` : '',
    find ? `${6 * relays.length} peers found.` : '',
  ];
  return { state: 'on', sentence: sentences.join(' ').trim(), announce, find, publishReceipts, url, label, relays };
}

export function mockLan(wish: CommandArgs<'setLan'>): LanView {
  if (wish.state === 'off' || (!wish.announce && !wish.find)) return { state: 'off' };
  const addresses = wish.announce ? ['http://192.168.1.20:17474'] : [];
  const sentences = [
    wish.announce ? 'Reachable for neighbours at http://192.168.1.20:17474.' : '',
    wish.find ? '2 neighbours found.' : '',
  ];
  return {
    state: 'on',
    sentence: sentences.join(' ').trim(),
    announce: wish.announce,
    find: wish.find,
    addresses,
    found: wish.find ? 2 : 0,
  };
}

function refuse(url: string): void {
  if (!url.includes('refused')) return;
  throw new CommandError({
    code: 'invalid_argument',
    message: 'The address of the tracker is not right.',
    hint: 'Ask whoever runs it.',
  });
}
