import { totalmem } from 'node:os';
import type { Logger } from 'pino';
import type { Engine, EngineModel } from '../../engine/engine.ts';
import { GridError } from '../../protocol/errors.ts';
import type { LiveJob, LiveJobs } from '../../protocol/live-job.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import {
  decideSharing,
  isCharged,
  isOpen,
  NO_HISTORY,
  remember,
  type SharingDecision,
  type SharingHistory,
  type SharingWish,
} from '../../sharing/decide.ts';
import { fits } from '../../sharing/fits.ts';
import { REASONS } from '../../sharing/reasons.ts';
import { createSignalWatch, type Pace } from '../../sharing/signal-watch.ts';
import type { SignalSource } from '../../sharing/signals/source.ts';
import { isInUse, type Signals } from '../../sharing/signals.ts';
import { createEngineNeighbours } from './engine-neighbours.ts';
import type { ServedToday } from './served-today.ts';

/** The longest a timer can wait, in ms; what is further away is looked at again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export interface GuestDeps {
  readonly wish: () => SharingWish;
  readonly sources: readonly SignalSource[];
  readonly engine: Engine;
  /** every request of this process; the guest ends those it serves to others */
  readonly jobs: LiveJobs & { list(): readonly LiveJob[] };
  readonly ownPubkey: Pubkey;
  readonly servedToday: { current(isAsked: boolean): ServedToday };
  readonly keepAwake: ((on: boolean) => void) | undefined;
  /** what a pause until charged waited for has come: the owner's word is fulfilled, and taken back */
  readonly charged: () => void;
  readonly onChange: () => void;
  readonly log: Logger;
  readonly nowMs: () => number;
}

/** This machine as a guest on itself: watches, decides, and gives it back. */
export interface Guest {
  decision(nowMs: number): SharingDecision;
  /** where a worker tells its requests, so that the guest hears of them first */
  readonly jobs: LiveJobs;
  mayOffer(model: EngineModel): boolean;
  /** The owner changed something: looks and decides anew. */
  reconsider(): Promise<void>;
  /** what can be seen right now, also while nobody watches */
  look(): Promise<Signals>;
  stop(): void;
}

export function createGuest(deps: GuestDeps): Guest {
  const { nowMs, log } = deps;
  let history: SharingHistory = NO_HISTORY;
  let last: SharingDecision | undefined;
  let ownerPrompts = 0;
  let lastOwnerPromptMs: number | undefined;
  let isAwake = false;
  let timer: NodeJS.Timeout | undefined;
  let isDue = false;
  let isStopped = false;

  const watch = createSignalWatch({
    sources: deps.sources,
    onChange: tick,
    onProblem: (source, error) => log.debug({ source, err: error }, 'a signal cannot be read'),
  });
  const neighbours = createEngineNeighbours({
    engine: deps.engine,
    nowMs,
    onForeignUse: tick,
    onProblem: (error) => log.warn({ err: error }, 'a model could not be unloaded'),
  });

  const isRemote = ({ direction, otherPubkey }: Pick<LiveJob, 'direction' | 'otherPubkey'>): boolean =>
    direction === 'serving' && otherPubkey !== deps.ownPubkey;

  function facts(wish: SharingWish): SharingHistory {
    const { tokensPerDay } = wish.rules;
    return {
      ...history,
      remoteJobs: deps.jobs.list().filter(isRemote).length,
      ownerPrompts,
      lastOwnerPromptMs,
      lastForeignUseMs: neighbours.lastForeignUseMs(),
      tokensToday: deps.servedToday.current(tokensPerDay > 0).tokens,
    };
  }

  function decide(atMs: number): SharingDecision {
    const wish = deps.wish();
    return decideSharing(wish, watch.current(), atMs, facts(wish));
  }

  /** Decides, and does what follows from it. */
  function tick(): void {
    if (isStopped) return;
    isDue = false;
    const atMs = nowMs();
    const wish = deps.wish();
    const signals = watch.current();
    const now = facts(wish);
    const decision = decideSharing(wish, signals, atMs, now);
    history = remember(now, decision, atMs);
    const before = last;
    last = decision;
    if (decision.running === 'abort' && !isOpen(decision)) endRemote(decision);
    setPace(decision, wish, now.remoteJobs);
    stayAwake(decision.state === 'serving' && signals?.onBattery === false);
    plan(decision, atMs);
    if (wish.pausedUntilMs === 'charged' && isCharged(wish.rules, signals)) deps.charged();
    if (!isOpen(decision) && now.remoteJobs === 0) giveMemoryBack(wish, decision);
    if (before && sameForPeople(before, decision)) return;
    const code = decision.reasons[0]?.code;
    log.info(
      { state: decision.state, reasons: decision.reasons.map((each) => each.code) },
      code ? REASONS[code].log : 'serving is allowed',
    );
    deps.onChange();
  }

  function endRemote({ reasons }: SharingDecision): void {
    for (const job of deps.jobs.list().filter(isRemote)) {
      log.info({ jobId: job.jobId, reasons: reasons.map(({ code }) => code) }, 'an answer for others was ended');
      job.stop(new GridError('owner_back'));
    }
  }

  function setPace({ state, reasons }: SharingDecision, wish: SharingWish, remoteJobs: number): void {
    const isResting = state === 'off' || state === 'paused';
    let pace: Pace = state === 'serving' || state === 'draining' ? 'serving' : isResting ? 'off' : 'waiting';
    if (reasons[0]?.code === 'paused-until-charged') pace = 'slow';
    // By hand nothing can come in between; what runs to its end is left alone.
    if (wish.drain && remoteJobs > 0) pace = 'off';
    watch.setPace(pace);
    neighbours.setPace(pace === 'slow' ? 'off' : pace);
  }

  function stayAwake(on: boolean): void {
    if (on === isAwake) return;
    isAwake = on;
    deps.keepAwake?.(on);
  }

  /** The next moment at which the picture changes by itself. */
  function plan({ untilMs = Infinity, finishUntilMs = Infinity }: SharingDecision, atMs: number): void {
    clearTimeout(timer);
    const nextMs = Math.min(untilMs, finishUntilMs);
    if (nextMs === Infinity) return;
    timer = setTimeout(tick, Math.min(Math.max(0, nextMs - atMs) + 1, MAX_TIMER_MS)).unref();
  }

  /** What was loaded for others goes when it is in the way: when memory is short, or takes more than may be taken in use. */
  function giveMemoryBack({ rules }: SharingWish, { reasons }: SharingDecision): void {
    if (reasons[0]?.code === 'settling' || reasons[0]?.code === 'looking') return;
    const pressure = watch.current()?.memoryPressure;
    const isWanted =
      pressure === 'warning' ||
      pressure === 'critical' ||
      neighbours.guestBytes() > totalmem() * (rules.memoryInUsePercent / 100);
    if (isWanted) void neighbours.unloadGuests();
  }

  const jobs: LiveJobs = {
    begin(job) {
      const handle = deps.jobs.begin(job);
      if (job.direction !== 'serving') return handle;
      const forOwner = !isRemote(job);
      neighbours.uses(job.model, forOwner);
      if (forOwner) ownerPrompts += 1;
      tick();
      let ended = false;
      return {
        ...handle,
        end() {
          handle.end();
          if (ended) return;
          ended = true;
          if (forOwner) {
            ownerPrompts -= 1;
            lastOwnerPromptMs = nowMs();
          }
          tick();
        },
      };
    },
  };

  return {
    jobs,
    decision(atMs) {
      const decision = decide(atMs);
      // Somebody edited the settings, or a moment came that no timer knew of: what follows is done right after.
      if (!isDue && !isStopped && !(last && sameForPeople(last, decision))) {
        isDue = true;
        queueMicrotask(tick);
      }
      return decision;
    },
    mayOffer(model) {
      const { rules } = deps.wish();
      const signals = watch.current() ?? {};
      const { tokensPerModelPerDay } = rules;
      const served = deps.servedToday.current(tokensPerModelPerDay > 0).ofModel(model.name);
      if (tokensPerModelPerDay > 0 && served >= tokensPerModelPerDay) return false;
      const percent = isInUse(signals, { ...rules, idleMinutes: rules.idleMinutes || 3 })
        ? rules.memoryInUsePercent
        : rules.memoryIdlePercent;
      return fits(model, {
        totalBytes: totalmem(),
        share: percent / 100,
        ownerBytes: neighbours.ownerBytes(),
        isShort: signals.memoryPressure !== 'normal',
      });
    },
    async reconsider() {
      tick();
      if (last && last.state !== 'off' && last.state !== 'paused') await watch.look();
      tick();
    },
    look: () => watch.look(),
    stop() {
      isStopped = true;
      clearTimeout(timer);
      watch.close();
      neighbours.setPace('off');
      stayAwake(false);
    },
  };
}

function sameForPeople(before: SharingDecision, now: SharingDecision): boolean {
  const told = ({ state, reasons }: SharingDecision) => [state, ...reasons.map(({ sentence }) => sentence)].join('\n');
  return told(before) === told(now);
}
