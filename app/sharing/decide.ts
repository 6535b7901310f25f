import { kindOf, reason, type Reason, type ReasonCode } from './reasons.ts';
import type { SharingRules } from './rules.ts';
import { lookAtSchedule, parseSchedule } from './schedule.ts';
import { isInUse, THERMAL_STATES, type Signals } from './signals.ts';

/** What the owner said. Times in ms since 1970. */
export interface SharingWish {
  readonly on: boolean;
  /** no socket to the outside, whatever else is wished */
  readonly offline: boolean;
  /** a pause: until then, until the battery is charged, or until switched on again ('open') */
  readonly pausedUntilMs: number | 'open' | 'charged' | undefined;
  /** finish what runs, then stop */
  readonly drain: boolean;
  readonly rules: SharingRules;
}

/** What happened so far, as far as it matters now. */
export interface SharingHistory {
  /** answers for others that run or wait for the engine */
  readonly remoteJobs: number;
  readonly ownerPrompts: number;
  readonly lastOwnerPromptMs?: number | undefined;
  /** when something else than Lobstah was last seen to use the engine */
  readonly lastForeignUseMs?: number | undefined;
  /** for others, today */
  readonly tokensToday: number;
  readonly wasOpen: boolean;
  /** the last time the gate went from open to closed for something seen; use of the engine has a wait of its own */
  readonly closedAtMs?: number | undefined;
  /** the last time anything but input forbade serving */
  readonly blockedAtMs?: number | undefined;
}

export const NO_HISTORY: SharingHistory = { remoteJobs: 0, ownerPrompts: 0, tokensToday: 0, wasOpen: false };

export type SharingState = 'off' | 'waiting' | 'ready' | 'serving' | 'draining' | 'paused';

export interface SharingDecision {
  readonly state: SharingState;
  /** why nothing new is served, in the order of REASONS; empty while it is */
  readonly reasons: readonly Reason[];
  /** when this will change by itself, where that is known */
  readonly untilMs?: number | undefined;
  /** what becomes of the answers for others that run: they may end in peace, until `finishUntilMs` if that is set */
  readonly running: 'go-on' | 'abort';
  readonly finishUntilMs?: number | undefined;
}

/** A busy machine must become clearly less busy before it counts as quiet. */
const CPU_HYSTERESIS = 0.15;

export function isOpen({ state }: Pick<SharingDecision, 'state'>): boolean {
  return state === 'ready' || state === 'serving';
}

/**
 * May this machine serve others now? The owner's own requests are never asked about. Pure. What was said by hand goes before
 * whatever is seen; closing is immediate, opening waits for `quietSeconds` without any reason against it.
 * @param signals undefined: not read yet
 */
export function decideSharing(
  wish: SharingWish,
  signals: Signals | undefined,
  nowMs: number,
  history: SharingHistory,
): SharingDecision {
  const byHand = decideByHand(wish, signals, nowMs, history);
  if (byHand) return byHand;
  const blocks = lookAround(wish.rules, signals, nowMs, history);
  if (blocks.length > 0) return closed(wish.rules, blocks, nowMs, history);
  const quietAtMs = quietFrom(wish.rules, history);
  if (nowMs < quietAtMs)
    return closed(wish.rules, [{ reason: reason('settling'), untilMs: quietAtMs }], nowMs, history);
  return { state: history.remoteJobs > 0 ? 'serving' : 'ready', reasons: [], running: 'go-on' };
}

function decideByHand(
  { on, offline, pausedUntilMs, drain, rules }: SharingWish,
  signals: Signals | undefined,
  nowMs: number,
  { remoteJobs }: SharingHistory,
): SharingDecision | undefined {
  const stop = (state: SharingState, code: ReasonCode, sentence?: string, untilMs?: number): SharingDecision => ({
    state,
    reasons: [reason(code, sentence)],
    untilMs,
    running: 'abort',
  });
  if (!on) return stop('off', 'switched-off');
  if (offline) return stop('paused', 'offline');
  if (pausedUntilMs === 'open') return stop('paused', 'paused');
  if (pausedUntilMs === 'charged') {
    if (!isCharged(rules, signals))
      return stop('paused', 'paused-until-charged', `Paused by you until the battery is at ${rules.chargedPercent} %.`);
  } else if (pausedUntilMs !== undefined && nowMs < pausedUntilMs)
    return stop('paused', 'paused-until', `Paused by you until ${clock(pausedUntilMs)}.`, pausedUntilMs);
  if (!drain) return undefined;
  return remoteJobs > 0
    ? { state: 'draining', reasons: [reason('draining')], running: 'go-on' }
    : stop('paused', 'drained');
}

/** A battery that is not known is not charged: the pause ends by hand then. */
export function isCharged({ chargedPercent }: SharingRules, signals: Signals | undefined): boolean {
  return signals?.onBattery !== true && (signals?.chargePercent ?? -1) >= chargedPercent;
}

interface Block {
  readonly reason: Reason;
  readonly untilMs?: number | undefined;
}

/** Everything that speaks against serving, in the fixed order. */
function lookAround(
  rules: SharingRules,
  signals: Signals | undefined,
  nowMs: number,
  history: SharingHistory,
): Block[] {
  if (!signals) return [{ reason: reason('looking') }];
  const blocks: Block[] = [];
  const block = (code: ReasonCode, sentence?: string, untilMs?: number) =>
    blocks.push({ reason: reason(code, sentence), untilMs });

  const ownerUntilMs = (history.lastOwnerPromptMs ?? -Infinity) + rules.ownerQuietSeconds * 1_000;
  if (history.ownerPrompts > 0) block('owner-prompt', 'You are using the engine. Others wait.');
  else if (nowMs < ownerUntilMs)
    block(
      'owner-prompt',
      `You used the engine a moment ago. Others wait ${rules.ownerQuietSeconds} seconds after your last prompt.`,
      ownerUntilMs,
    );
  const foreignUntilMs = (history.lastForeignUseMs ?? -Infinity) + rules.ownerQuietSeconds * 1_000;
  if (nowMs < foreignUntilMs) block('engine-in-use', undefined, foreignUntilMs);

  if (rules.idleMinutes > 0 && isInUse(signals, rules))
    block(
      'in-use',
      `You are using this machine. Sharing goes on when it has been idle for ${minutes(rules.idleMinutes)}.`,
      signals.idleSeconds === undefined ? undefined : nowMs + (rules.idleMinutes * 60 - signals.idleSeconds) * 1_000,
    );

  const exclusive = rules.exclusiveApps.find((name) => runs(name, signals.programs));
  if (exclusive !== undefined) block('exclusive-app', `${exclusive} is running.`);
  const holder = signals.displayHeldBy?.[0];
  if (!rules.whileDisplayHeld && holder !== undefined)
    block('display-held', `${holder} keeps the display awake: a film, a call or a presentation.`);

  if (signals.onBattery && !rules.onBattery) block('on-battery');
  const charge = signals.chargePercent;
  if (signals.onBattery && rules.onBattery && (charge ?? 0) < rules.minChargePercent)
    block(
      'low-charge',
      charge === undefined
        ? 'On battery, and its charge is not known.'
        : `The battery is at ${Math.round(charge)} %. Sharing goes on from ${rules.minChargePercent} %.`,
    );
  if (signals.lowPowerMode && !rules.inLowPowerMode) block('low-power-mode');
  if (signals.thermal && THERMAL_STATES.indexOf(signals.thermal) > THERMAL_STATES.indexOf(rules.thermalLimit))
    block('hot');
  if (signals.memoryPressure === 'critical') block('memory-short');
  const busy = signals.otherCpuShare ?? 0;
  const limit = rules.otherCpuPercent / 100 - (history.wasOpen ? 0 : CPU_HYSTERESIS);
  if (rules.otherCpuPercent > 0 && busy > Math.max(0.05, limit)) block('cpu-busy');
  if (signals.metered && !rules.onMetered) block('metered');

  const { isTime, opensAtMs } = lookAtSchedule(parseSchedule(rules.schedule) ?? [], nowMs);
  if (!isTime)
    block(
      'outside-schedule',
      opensAtMs === undefined ? undefined : `Outside the hours you set. Sharing goes on ${dayAndClock(opensAtMs)}.`,
      opensAtMs,
    );
  if (rules.tokensPerDay > 0 && history.tokensToday >= rules.tokensPerDay)
    block(
      'budget-spent',
      `The ${rules.tokensPerDay.toLocaleString('en')} tokens you set for a day are used up. It goes on tomorrow.`,
      midnight(nowMs),
    );
  return blocks;
}

function closed(
  rules: SharingRules,
  blocks: readonly Block[],
  nowMs: number,
  { remoteJobs, wasOpen, closedAtMs }: SharingHistory,
): SharingDecision {
  const kinds = blocks.map((block) => kindOf(block.reason.code));
  const limits = kinds.every(({ kind }) => kind === 'limit');
  const sinceMs = wasOpen ? nowMs : (closedAtMs ?? nowMs);
  const finishUntilMs = limits ? undefined : sinceMs + rules.finishSeconds * 1_000;
  const mayFinish =
    limits || (rules.whenBack === 'finish' && !kinds.some(({ urgent }) => urgent) && nowMs < (finishUntilMs ?? 0));
  const untils = blocks.map(({ untilMs }) => untilMs);
  return {
    state: remoteJobs > 0 && mayFinish ? 'draining' : 'waiting',
    reasons: blocks.map((block) => block.reason),
    // It opens when the last of them has gone; one without an end makes that unknown.
    untilMs: untils.includes(undefined) ? undefined : Math.max(...untils.map((untilMs) => untilMs ?? 0)),
    running: remoteJobs > 0 && mayFinish ? 'go-on' : 'abort',
    finishUntilMs: remoteJobs > 0 && mayFinish ? finishUntilMs : undefined,
  };
}

/** Once it closed, and after whatever is no measure of quiet in itself, it stays closed for a while: nothing flaps faster. */
function quietFrom(
  { quietSeconds }: SharingRules,
  { closedAtMs = -Infinity, blockedAtMs = -Infinity }: SharingHistory,
): number {
  return Math.max(closedAtMs, blockedAtMs) + quietSeconds * 1_000;
}

/** What the next decision has to know of this one. Pure. */
export function remember(history: SharingHistory, decision: SharingDecision, nowMs: number): SharingHistory {
  const seen = decision.reasons.filter(({ code }) => kindOf(code).kind !== 'owner');
  const open = isOpen(decision);
  const blocking = seen.some(({ code }) => !QUIET_IN_THEMSELVES.has(code));
  const closing = seen.some(({ code }) => code !== 'owner-prompt' && code !== 'engine-in-use');
  return {
    ...history,
    wasOpen: open,
    closedAtMs: history.wasOpen && !open && closing ? nowMs : history.closedAtMs,
    blockedAtMs: blocking ? nowMs : history.blockedAtMs,
  };
}

/** These end by a time of their own, or are no disturbance: nothing has to settle after them. */
const QUIET_IN_THEMSELVES: ReadonlySet<ReasonCode> = new Set([
  'looking',
  'owner-prompt',
  'engine-in-use',
  'in-use',
  'outside-schedule',
  'budget-spent',
  'settling',
]);

/** 'zoom' is meant by whoever names 'zoom.us', and 'Final Cut Pro' runs as just that. */
function runs(name: string, programs: readonly string[] = []): boolean {
  const wanted = name.toLowerCase().replace(/\.app$/, '');
  return programs.some((program) => program.toLowerCase() === wanted || program.toLowerCase().startsWith(`${wanted}.`));
}

const minutes = (count: number) => (count === 1 ? 'one minute' : `${count} minutes`);
const clock = (ms: number) => new Date(ms).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit' });
const dayAndClock = (ms: number) => `${new Date(ms).toLocaleDateString('en', { weekday: 'long' })} at ${clock(ms)}`;

function midnight(nowMs: number): number {
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1).getTime();
}
