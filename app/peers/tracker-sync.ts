import type { Dispatcher } from 'undici';
import type { AddressPolicy } from '../http/public-address.ts';
import { asGridError } from '../protocol/errors.ts';
import type { Pubkey } from '../protocol/pubkey.ts';
import { chooseStrangers } from './choose-strangers.ts';
import { judgeList } from './judge-announced.ts';
import { retryDelayMs, withJitter } from './retry-delay.ts';
import type { FoundList } from './sources/found-list.ts';
import { fetchList } from './tracker-client.ts';

/** Less than half of the usual ttl of 300 s: a peer that goes on announcing never ends between two looks. */
const SYNC_MS = 120_000;
/** A peer that was on the list stays until the next look has had its chance, however short its ttl. */
const KEEP_MS = 1.5 * SYNC_MS;

/** Reading trackers is asked for, never assumed: off means that no tracker is connected to. */
export type TrackerSyncWish =
  { readonly state: 'off' } | { readonly state: 'on'; readonly trackers: readonly string[] };

export interface SyncState {
  readonly tracker: string;
  readonly lastSyncMs: number | undefined;
  readonly found: number;
  readonly refused: number;
  readonly problem: string | undefined;
}

export interface TrackerSync {
  /** The wish or the clock may have changed. Safe to call often. */
  look(): void;
  states(): readonly SyncState[];
  stop(): Promise<void>;
}

export interface TrackerSyncDeps {
  readonly wish: () => TrackerSyncWish;
  readonly dispatcher: Dispatcher;
  readonly list: FoundList;
  readonly policy: () => AddressPolicy;
  readonly ownPubkey: Pubkey;
  readonly nowMs: () => number;
  readonly random: () => number;
  /** calls back after so many ms; returns what takes it back */
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onChange: () => void;
}

interface Reader {
  state: SyncState;
  /** when it is read again, and when that was decided: a clock may be set back */
  dueMs: number;
  decidedAtMs: number;
  failures: number;
  etag: string | undefined;
  kept: ReadonlySet<Pubkey>;
  reading: Promise<void> | undefined;
  readonly stop: AbortController;
}

/** Reads the trackers that the owner chose, every two minutes, and forgets what they said when one is taken out. */
export function createTrackerSync(deps: TrackerSyncDeps): TrackerSync {
  const readers = new Map<string, Reader>();
  let takeBack: () => void = () => undefined;
  let stopped = false;

  function reconcile(): void {
    const wish = deps.wish();
    const wanted = new Set(wish.state === 'on' && !stopped ? wish.trackers : []);
    for (const [tracker, reader] of readers)
      if (!wanted.has(tracker)) {
        reader.stop.abort();
        readers.delete(tracker);
        deps.list.forget(tracker);
      }
    for (const tracker of wanted)
      if (!readers.has(tracker))
        readers.set(tracker, {
          state: { tracker, lastSyncMs: undefined, found: 0, refused: 0, problem: undefined },
          dueMs: -Infinity,
          decidedAtMs: -Infinity,
          failures: 0,
          etag: undefined,
          kept: new Set(),
          reading: undefined,
          stop: new AbortController(),
        });
  }

  function look(): void {
    takeBack();
    reconcile();
    const nowMs = deps.nowMs();
    for (const [tracker, reader] of readers)
      if (reader.dueMs <= nowMs || reader.decidedAtMs > nowMs) reader.reading ??= read(tracker, reader);
    if (readers.size === 0) return;
    const next = Math.min(...[...readers.values()].map(({ dueMs, reading }) => (reading ? Infinity : dueMs)));
    if (next !== Infinity) takeBack = deps.after(Math.max(0, next - nowMs), look);
  }

  async function read(tracker: string, reader: Reader): Promise<void> {
    try {
      const list = await fetchList(tracker, {
        dispatcher: deps.dispatcher,
        signal: reader.stop.signal,
        etag: reader.etag,
      });
      const nowMs = deps.nowMs();
      let { found, refused } = reader.state;
      if (list) {
        const judged = await judgeList(list.peers, { nowMs, policy: deps.policy(), ownPubkey: deps.ownPubkey });
        if (reader.stop.signal.aborted) return;
        const chosen = chooseStrangers(judged.peers, reader.kept, deps.random);
        deps.list.replace(
          tracker,
          chosen.map((peer) => ({ ...peer, keptUntilMs: Math.max(peer.keptUntilMs, nowMs + KEEP_MS) })),
        );
        reader.kept = new Set(chosen.map(({ pubkey }) => pubkey));
        reader.etag = list.etag;
        found = judged.peers.length;
        refused = judged.refused.length;
      }
      reader.failures = 0;
      reader.state = { tracker, lastSyncMs: nowMs, found, refused, problem: undefined };
      reader.dueMs = nowMs + withJitter(SYNC_MS, deps.random);
    } catch (thrown) {
      if (reader.stop.signal.aborted) return;
      const error = asGridError(thrown, 'tracker_unreachable');
      reader.failures += 1;
      reader.state = { ...reader.state, problem: error.message };
      const wait = Number(error.details['retryAfterMs'] ?? 0);
      reader.dueMs = deps.nowMs() + Math.max(wait, retryDelayMs(reader.failures, SYNC_MS, deps.random));
    } finally {
      reader.reading = undefined;
      reader.decidedAtMs = deps.nowMs();
      if (!reader.stop.signal.aborted) {
        deps.onChange();
        look();
      }
    }
  }

  return {
    look,
    states: () => [...readers.values()].map(({ state }) => state),
    async stop() {
      stopped = true;
      takeBack();
      const reading = [...readers.values()].flatMap((reader) => reader.reading ?? []);
      reconcile();
      await Promise.all(reading);
    },
  };
}
