import type { Dispatcher } from 'undici';
import { ANNOUNCE_TTL_SECONDS, issueAnnouncement, issueUnannounce } from '../protocol/announcement.ts';
import type { Tier } from '../protocol/capacity.ts';
import type { Signer } from '../protocol/ed25519.ts';
import { asGridError, GridError } from '../protocol/errors.ts';
import { isOverlayAddress } from '../protocol/overlay-address.ts';
import { retryDelayMs, withJitter } from './retry-delay.ts';
import { announceTo, takesOverlayAddresses, unannounceFrom } from './tracker-client.ts';

const HEARTBEAT_MS = (ANNOUNCE_TTL_SECONDS * 1000) / 2;
/** Models are looked at this often, so that a change is told soon; trackers are told only of changes. */
const CHECK_MS = 30_000;
/** A tracker that does not answer must not hold up who wants to quit. */
const GOODBYE_TIMEOUT_MS = 3_000;

/** Being announced is asked for, never assumed: off means that no tracker is connected to. */
export type AnnounceWish =
  | { readonly state: 'off' }
  | {
      readonly state: 'on';
      readonly trackers: readonly string[];
      /** where others reach the worker */
      readonly url: string;
      readonly label: string;
    };

export interface AnnounceState {
  readonly tracker: string;
  readonly lastAnnouncedMs: number | undefined;
  readonly problem: string | undefined;
}

export interface Announcer {
  /** The wish, the models or the clock may have changed. Safe to call often. */
  look(): void;
  states(): readonly AnnounceState[];
  /** Says goodbye to every tracker that was told, for three seconds at most. Safe to call twice. */
  stop(): Promise<void>;
}

export interface AnnouncerDeps {
  readonly signer: Signer;
  readonly dispatcher: Dispatcher;
  /** 'off' as well while the owner is not sharing: who cannot be asked is not announced */
  readonly wish: () => AnnounceWish;
  /** what strangers may ask for right now; never rejects */
  readonly offer: () => Promise<{ readonly models: readonly string[]; readonly tier: Tier }>;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly after: (ms: number, then: () => void) => () => void;
  readonly onChange: () => void;
}

interface Tracked {
  state: AnnounceState;
  /** when it is told again, and when that was decided: a clock may be set back */
  dueMs: number;
  decidedAtMs: number;
  failures: number;
  /** what was last said, without its time; undefined: nothing, or unknown to have arrived */
  said: string | undefined;
  /** of everything sent to it, arrived or not: a goodbye has to be newer */
  saidAtMs: number | undefined;
}

/** Tells the trackers that the owner chose where this worker is, every half ttl, and says goodbye. */
export function createAnnouncer(deps: AnnouncerDeps): Announcer {
  const trackers = new Map<string, Tracked>();
  let takeBack: () => void = () => undefined;
  let working: Promise<void> | undefined;
  let lookAgain = false;
  let stopped: Promise<void> | undefined;
  let isStopping = false;
  const leaving = new AbortController();

  const wished = (): AnnounceWish => (isStopping ? { state: 'off' } : deps.wish());

  function look(): void {
    if (working) {
      lookAgain = true;
      return;
    }
    takeBack();
    if (wished().state === 'off' && trackers.size === 0) return;
    working = work().finally(() => {
      working = undefined;
      const again = lookAgain;
      lookAgain = false;
      if (again) look();
      else if (trackers.size > 0 && !isStopping) takeBack = deps.after(nextMs(), look);
    });
  }

  function nextMs(): number {
    const due = Math.min(...[...trackers.values()].map(({ dueMs }) => dueMs));
    return Math.min(CHECK_MS, Math.max(0, due - deps.nowMs()));
  }

  async function work(): Promise<void> {
    const wish = wished();
    const wanted = new Set(wish.state === 'on' ? wish.trackers : []);
    const left = [...trackers].filter(([tracker]) => !wanted.has(tracker));
    await Promise.all(left.map(([tracker, tracked]) => sayGoodbye(tracker, tracked)));
    for (const [tracker] of left) trackers.delete(tracker);
    if (left.length > 0) deps.onChange();
    if (wish.state === 'off') return;
    const { models, tier } = await deps.offer();
    const fields = { url: wish.url, ...(wish.label === '' ? {} : { label: wish.label }), models, tier };
    const what = JSON.stringify(fields);
    await Promise.all(
      [...wanted].map(async (tracker) => {
        const tracked = trackers.get(tracker) ?? newcomer(tracker);
        trackers.set(tracker, tracked);
        const nowMs = deps.nowMs();
        const isNews = tracked.said !== what && tracked.failures === 0;
        if (isNews || tracked.dueMs <= nowMs || tracked.decidedAtMs > nowMs)
          await announce(tracker, tracked, fields, what);
      }),
    );
  }

  async function announce(
    tracker: string,
    tracked: Tracked,
    fields: { url: string; label?: string; models: readonly string[]; tier: Tier },
    what: string,
  ): Promise<void> {
    // Two in one millisecond would be one: the newer has to say so.
    const announcedAt = Math.max(deps.nowMs(), (tracked.saidAtMs ?? -1) + 1);
    tracked.saidAtMs = announcedAt;
    tracked.decidedAtMs = deps.nowMs();
    try {
      const asked = { dispatcher: deps.dispatcher, signal: leaving.signal };
      if (isOverlayAddress(fields.url) && !(await takesOverlayAddresses(tracker, asked)))
        throw new GridError('rejected', 'This tracker lists http and https addresses only.');
      const signed = issueAnnouncement({ ...fields, ttlSeconds: ANNOUNCE_TTL_SECONDS, announcedAt }, deps.signer);
      await announceTo(tracker, signed, asked);
      tracked.said = what;
      tracked.failures = 0;
      tracked.state = { tracker, lastAnnouncedMs: deps.nowMs(), problem: undefined };
      tracked.dueMs = deps.nowMs() + withJitter(HEARTBEAT_MS, deps.random);
    } catch (thrown) {
      const error = asGridError(thrown, 'tracker_unreachable');
      tracked.failures += 1;
      tracked.state = { ...tracked.state, problem: error.message };
      const wait = Number(error.details['retryAfterMs'] ?? 0);
      tracked.dueMs = deps.nowMs() + Math.max(wait, retryDelayMs(tracked.failures, HEARTBEAT_MS, deps.random));
    }
    deps.onChange();
  }

  async function sayGoodbye(tracker: string, { saidAtMs }: Tracked): Promise<void> {
    if (saidAtMs === undefined) return;
    const wish = issueUnannounce(Math.max(deps.nowMs(), saidAtMs), deps.signer);
    try {
      const signal = AbortSignal.timeout(GOODBYE_TIMEOUT_MS);
      await unannounceFrom(tracker, wish, { dispatcher: deps.dispatcher, signal });
    } catch {
      // It will find out by the ttl.
    }
  }

  return {
    look,
    states: () => [...trackers.values()].map(({ state }) => state),
    stop() {
      isStopping = true;
      stopped ??= (async () => {
        takeBack();
        // What is on its way has to arrive or end first: it would be newer than the goodbye.
        const limit = setTimeout(() => leaving.abort(), GOODBYE_TIMEOUT_MS);
        while (working) await working;
        clearTimeout(limit);
        await work();
      })();
      return stopped;
    },
  };
}

function newcomer(tracker: string): Tracked {
  return {
    state: { tracker, lastAnnouncedMs: undefined, problem: undefined },
    dueMs: -Infinity,
    decidedAtMs: -Infinity,
    failures: 0,
    said: undefined,
    saidAtMs: undefined,
  };
}
