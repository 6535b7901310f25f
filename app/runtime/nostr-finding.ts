import type { NostrView } from '../contract/snapshot.ts';
import { createNostr, type Nostr, type NostrDeps, type NostrWish } from '../peers/nostr/nostr.ts';
import type { RelayState } from '../peers/nostr/relay-session.ts';
import type { Settings } from './settings.ts';

export interface NostrFinding extends Pick<Nostr, 'look' | 'stop' | 'publishReceipt'> {
  view(): NostrView;
}

/** Where others reach this machine: as given for Nostr, else as given for trackers; undefined: nobody said it. */
export function nostrAddressOf({ nostr, announce }: Settings): { url: string; label: string } | undefined {
  if (nostr.state === 'off') return undefined;
  const other = announce.state === 'on' ? announce : { url: '', label: '' };
  const url = nostr.url || other.url;
  return url === '' ? undefined : { url, label: nostr.label || other.label };
}

export function createNostrFinding(
  deps: Omit<NostrDeps, 'wish'> & {
    settings: () => Settings;
    /** a worker runs in this process, and a router */
    serves: boolean;
    asks: boolean;
    isSharing: () => boolean;
  },
): NostrFinding {
  function wish(): NostrWish {
    const settings = deps.settings();
    const { nostr } = settings;
    if (nostr.state === 'off') return nostr;
    if (settings.sharing.offline) return { state: 'off', atOnce: true };
    const announced = nostr.announce && deps.serves ? nostrAddressOf(settings) : undefined;
    const find = nostr.find && deps.asks;
    const publishReceipts = nostr.publishReceipts && deps.serves;
    // Without anything to say or to read there is no reason to be connected.
    if (!announced && !find && !publishReceipts) return { state: 'off' };
    return {
      state: 'on',
      relays: nostr.relays,
      announce: deps.isSharing() ? announced : undefined,
      find,
      publishReceipts,
    };
  }
  const nostr = createNostr({ ...deps, wish });
  return { ...nostr, view: () => nostrView(deps.settings(), nostr.states(), deps.isSharing()) };
}

/** Pure. */
export function nostrView(settings: Settings, states: readonly RelayState[], isSharing: boolean): NostrView {
  const { nostr } = settings;
  if (nostr.state === 'off') return { state: 'off' };
  const relays = nostr.relays.map((url) => {
    const known = states.find(({ relay }) => relay === url);
    return {
      url,
      connected: known?.connected ?? false,
      lastAnnouncedMs: known?.lastAnnouncedMs ?? null,
      found: known?.found ?? 0,
      refused: known?.refused ?? 0,
      problem: known?.problem ?? null,
    };
  });
  const { announce, find, publishReceipts } = nostr;
  const sentences = [
    announce ? announceSentence(settings, relays, isSharing) : undefined,
    find ? findSentence(states) : undefined,
    relays.find(({ problem }) => problem !== null)?.problem ?? undefined,
  ].filter((sentence) => sentence !== undefined);
  return {
    state: 'on',
    sentence: sentences.join(' ') || 'Connecting …',
    announce,
    find,
    publishReceipts,
    url: nostr.url,
    label: nostr.label,
    relays,
  };
}

function announceSentence(
  settings: Settings,
  relays: readonly { lastAnnouncedMs: number | null }[],
  isSharing: boolean,
): string {
  if (!nostrAddressOf(settings)) return 'Not announced: no address of this machine is given.';
  if (!isSharing) return 'Not announced: you are not sharing right now.';
  const told = relays.filter(({ lastAnnouncedMs }) => lastAnnouncedMs !== null).length;
  if (told === 0) return 'Announcing …';
  return told === relays.length
    ? `Announced to ${count(told, 'relay')}.`
    : `Announced to ${told} of ${count(relays.length, 'relay')}.`;
}

function findSentence(states: readonly RelayState[]): string | undefined {
  if (!states.some(({ hasRead }) => hasRead)) return undefined;
  const found = states.reduce((sum, state) => sum + state.found, 0);
  return `${count(found, 'peer')} found.`;
}

const count = (number: number, noun: string) => (number === 1 ? `one ${noun}` : `${number} ${noun}s`);
