import { describe, expect, it } from 'vitest';
import {
  decideSharing,
  isOpen,
  NO_HISTORY,
  remember,
  type SharingDecision,
  type SharingHistory,
  type SharingWish,
} from './decide.ts';
import { kindOf, REASON_CODES, REASONS, type ReasonCode } from './reasons.ts';
import { DEFAULT_RULES, type SharingRules } from './rules.ts';
import type { Signals } from './signals.ts';

/** A Wednesday at noon, local time. */
const NOON = new Date(2026, 10, 25, 12, 0).getTime();

interface Situation {
  readonly wish?: Partial<Omit<SharingWish, 'rules'>>;
  readonly rules?: Partial<SharingRules>;
  readonly signals?: Signals | 'unread';
  readonly history?: Partial<SharingHistory>;
}

/** For each reason one situation in which it holds, and nothing else does. */
const HOLDS: Record<ReasonCode, Situation> = {
  'switched-off': { wish: { on: false } },
  offline: { wish: { offline: true } },
  paused: { wish: { pausedUntilMs: 'open' } },
  'paused-until': { wish: { pausedUntilMs: NOON + 1 } },
  'paused-until-charged': { wish: { pausedUntilMs: 'charged' }, signals: { chargePercent: 79 } },
  draining: { wish: { drain: true }, history: { remoteJobs: 1 } },
  drained: { wish: { drain: true } },
  looking: { signals: 'unread' },
  'owner-prompt': { history: { ownerPrompts: 1 } },
  'engine-in-use': { history: { lastForeignUseMs: NOON - 19_999 } },
  'in-use': { signals: { idleSeconds: 179 } },
  'exclusive-app': { rules: { exclusiveApps: ['Zoom'] }, signals: { programs: ['zoom.us'] } },
  'display-held': { signals: { displayHeldBy: ['QuickTime Player'] } },
  'on-battery': { signals: { onBattery: true } },
  'low-charge': { rules: { onBattery: true }, signals: { onBattery: true, chargePercent: 49 } },
  'low-power-mode': { signals: { lowPowerMode: true } },
  hot: { signals: { thermal: 'serious' } },
  'memory-short': { signals: { memoryPressure: 'critical' } },
  'cpu-busy': { rules: { otherCpuPercent: 75 }, signals: { otherCpuShare: 0.8 } },
  metered: { signals: { metered: true } },
  'outside-schedule': { rules: { schedule: 'mon-fri 22:00-07:00' } },
  'budget-spent': { rules: { tokensPerDay: 100 }, history: { tokensToday: 100 } },
  settling: { history: { closedAtMs: NOON - 29_999 } },
};

function decide(...situations: readonly Situation[]): SharingDecision {
  const wish: SharingWish = {
    on: true,
    offline: false,
    pausedUntilMs: undefined,
    drain: false,
    ...Object.assign({}, ...situations.map((each) => each.wish)),
    rules: Object.assign({}, DEFAULT_RULES, ...situations.map((each) => each.rules)) as SharingRules,
  };
  const unread = situations.some(({ signals }) => signals === 'unread');
  const signals = Object.assign({}, ...situations.map((each) => each.signals)) as Signals;
  const history = Object.assign({}, NO_HISTORY, ...situations.map((each) => each.history)) as SharingHistory;
  return decideSharing(wish, unread ? undefined : signals, NOON, history);
}

const codes = (decision: SharingDecision) => decision.reasons.map(({ code }) => code);

/** What a reason makes of the machine when nothing runs. */
const STATE: Partial<Record<ReasonCode, SharingDecision['state']>> = {
  'switched-off': 'off',
  offline: 'paused',
  paused: 'paused',
  'paused-until': 'paused',
  'paused-until-charged': 'paused',
  draining: 'draining',
  drained: 'paused',
};

describe('one reason at a time', () => {
  it.each(REASON_CODES)('%s: alone it closes the gate, and says so', (code) => {
    const decision = decide(HOLDS[code]);
    expect(codes(decision)).toEqual([code]);
    expect(decision.state).toBe(STATE[code] ?? 'waiting');
    expect(decision.reasons[0]?.sentence).toMatch(/^[A-Z\d].*\.$/);
  });

  it.each(REASON_CODES)('%s: a sentence for people and one for logs', (code) => {
    expect(REASONS[code].sentence).toMatch(/\.$/);
    expect(REASONS[code].log).not.toMatch(/\.$/);
  });
});

/** Said by hand: the first of them is all there is to say. `paused…` exclude each other, and drain has two faces. */
const BY_HAND = REASON_CODES.filter((code) => kindOf(code).kind === 'owner');
const SEEN = REASON_CODES.filter((code) => !BY_HAND.includes(code) && code !== 'looking' && code !== 'settling');
/** Two that cannot hold at once: one battery is on either side of the rule. */
const EXCLUSIVE = new Set(['on-battery low-charge']);
const pairs = <T>(list: readonly T[]): [T, T][] =>
  list.flatMap((first, index) => list.slice(index + 1).map((second): [T, T] => [first, second]));

describe('two reasons at once', () => {
  it.each(pairs(SEEN).filter((pair) => !EXCLUSIVE.has(pair.join(' '))))(
    '%s and %s: both are told, in the order of the list',
    (first, second) => {
      expect(codes(decide(HOLDS[first], HOLDS[second]))).toEqual([first, second]);
      expect(codes(decide(HOLDS[second], HOLDS[first]))).toEqual([first, second]);
    },
  );

  it.each(
    BY_HAND.flatMap((hand) => [...SEEN, 'looking' as const].map((seen): [ReasonCode, ReasonCode] => [hand, seen])),
  )('%s beats %s: what was said by hand is all that is said', (hand, seen) => {
    expect(codes(decide(HOLDS[seen], HOLDS[hand]))).toEqual([hand]);
  });

  it.each([
    ['switched-off', 'offline'],
    ['switched-off', 'paused'],
    ['switched-off', 'drained'],
    ['offline', 'paused'],
    ['offline', 'drained'],
    ['paused', 'drained'],
    ['paused-until', 'drained'],
    ['paused-until-charged', 'draining'],
  ] as const)('%s beats %s', (first, second) => {
    expect(codes(decide(HOLDS[second], HOLDS[first]))).toEqual([first]);
  });

  it.each(SEEN)('looking beats %s: what was not read says nothing', (seen) => {
    expect(codes(decide(HOLDS[seen], HOLDS.looking))).toEqual(['looking']);
  });

  it.each(SEEN)('%s beats settling: there is nothing to settle yet', (seen) => {
    expect(codes(decide(HOLDS.settling, HOLDS[seen]))).toEqual([seen]);
  });
});

describe('what unknown means', () => {
  it('a machine without desktop and sensors serves when its owner wishes so', () => {
    expect(decide({ signals: {} })).toMatchObject({ state: 'ready', reasons: [] });
  });
  it.each<[string, Situation, ReasonCode | undefined]>([
    ['idle time unknown on a desktop: somebody is there', { signals: { screenLocked: false } }, 'in-use'],
    ['idle time unknown, but locked', { signals: { screenLocked: true } }, undefined],
    ['lock unknown, but idle for long', { signals: { idleSeconds: 180 } }, undefined],
    ['charge unknown on battery: too low', { rules: { onBattery: true }, signals: { onBattery: true } }, 'low-charge'],
    ['charge unknown: never charged', { wish: { pausedUntilMs: 'charged' }, signals: {} }, 'paused-until-charged'],
    [
      'charge known, mains unknown: charged',
      { wish: { pausedUntilMs: 'charged' }, signals: { chargePercent: 80 } },
      undefined,
    ],
    ['running programs unknown', { rules: { exclusiveApps: ['zoom'] }, signals: {} }, undefined],
  ])('%s', (_why, situation, code) => {
    expect(codes(decide(situation))).toEqual(code === undefined ? [] : [code]);
  });
});

describe('the rules of the owner', () => {
  it.each<[string, Situation]>([
    ['serves while the machine is used', { rules: { idleMinutes: 0 }, signals: { idleSeconds: 0 } }],
    ['locked', { signals: { idleSeconds: 0, screenLocked: true } }],
    ['display off', { signals: { idleSeconds: 0, displayOff: true } }],
    ['on battery', { rules: { onBattery: true }, signals: { onBattery: true, chargePercent: 50 } }],
    ['low power mode', { rules: { inLowPowerMode: true }, signals: { lowPowerMode: true } }],
    ['fair is not hot', { signals: { thermal: 'fair' } }],
    ['hotter', { rules: { thermalLimit: 'critical' }, signals: { thermal: 'critical' } }],
    ['beside a film', { rules: { whileDisplayHeld: true }, signals: { displayHeldBy: ['vlc'] } }],
    ['metered', { rules: { onMetered: true }, signals: { metered: true } }],
    ['busy, but nobody looks', { rules: { otherCpuPercent: 0 }, signals: { otherCpuShare: 1 } }],
    ['inside the hours', { rules: { schedule: 'wed 11:00-13:00' } }],
    ['the budget of today is left', { rules: { tokensPerDay: 100 }, history: { tokensToday: 99 } }],
  ])('%s: served', (_why, situation) => {
    expect(decide(situation).state).toBe('ready');
  });

  it('a locked screen can count as use', () => {
    const decision = decide({ rules: { lockedIsIdle: false }, signals: { idleSeconds: 5, screenLocked: true } });
    expect(codes(decision)).toEqual(['in-use']);
  });
});

describe('what becomes of running answers', () => {
  const running = { remoteJobs: 1, wasOpen: true };
  it.each<[string, Situation, SharingDecision['state'], SharingDecision['running']]>([
    ['nothing is wrong', {}, 'serving', 'go-on'],
    ['the owner is back', HOLDS['in-use'], 'waiting', 'abort'],
    [
      'the owner is back, and lets others finish',
      { ...HOLDS['in-use'], rules: { whenBack: 'finish' } },
      'draining',
      'go-on',
    ],
    [
      'the owner asks the engine, and lets others finish',
      { ...HOLDS['owner-prompt'], rules: { whenBack: 'finish' } },
      'waiting',
      'abort',
    ],
    [
      'another program uses the engine',
      { ...HOLDS['engine-in-use'], rules: { whenBack: 'finish' } },
      'waiting',
      'abort',
    ],
    ['the hours end', HOLDS['outside-schedule'], 'draining', 'go-on'],
    ['the budget ends', HOLDS['budget-spent'], 'draining', 'go-on'],
    ['switched off', HOLDS['switched-off'], 'off', 'abort'],
    ['paused', HOLDS.paused, 'paused', 'abort'],
    ['drain', { wish: { drain: true } }, 'draining', 'go-on'],
  ])('%s', (_why, situation, state, what) => {
    expect(decide(situation, { history: { ...situation.history, ...running } })).toMatchObject({
      state,
      running: what,
    });
  });

  it("'finish' has a limit, counted from the moment the gate closed", () => {
    const rules = { whenBack: 'finish', finishSeconds: 60 } as const;
    const at = (closedAtMs: number) =>
      decide(HOLDS['in-use'], { rules, history: { remoteJobs: 1, wasOpen: false, closedAtMs } });
    expect(at(NOON - 59_999)).toMatchObject({ state: 'draining', finishUntilMs: NOON + 1 });
    expect(at(NOON - 60_000)).toMatchObject({ state: 'waiting', running: 'abort' });
  });
});

describe('from one moment to the next', () => {
  /** Plays signals, second by second, and notes the states. */
  function play(steps: readonly [atSeconds: number, signals: Signals, jobs?: number][]): string[] {
    let history: SharingHistory = NO_HISTORY;
    return steps.map(([seconds, signals, remoteJobs = 0]) => {
      const nowMs = NOON + seconds * 1_000;
      history = { ...history, remoteJobs };
      const wish = { on: true, offline: false, pausedUntilMs: undefined, drain: false };
      const rules = { ...DEFAULT_RULES, otherCpuPercent: 75 };
      const decision = decideSharing({ ...wish, rules }, signals, nowMs, history);
      history = remember(history, decision, nowMs);
      return [decision.state, ...codes(decision)].join(' ');
    });
  }

  it('opens at once when nothing was ever wrong, serves, is ready again', () => {
    expect(
      play([
        [0, {}],
        [1, {}, 1],
        [2, {}],
      ]),
    ).toEqual(['ready', 'serving', 'ready']);
  });
  it('closes at once for input, and opens after three minutes without', () => {
    const idle = (idleSeconds: number) => ({ idleSeconds });
    expect(
      play([
        [0, idle(500), 1],
        [1, idle(0), 1],
        [180, idle(179)],
        [181, idle(180)],
      ]),
    ).toEqual(['serving', 'waiting in-use', 'waiting in-use', 'ready']);
  });
  it('a screen that is locked again at once is quiet for half a minute first', () => {
    const locked = { idleSeconds: 100, screenLocked: true };
    const unlocked = { idleSeconds: 100, screenLocked: false };
    expect(
      play([
        [0, locked],
        [1, unlocked],
        [2, locked],
        [30, locked],
        [31, locked],
      ]),
    ).toEqual(['ready', 'waiting in-use', 'waiting settling', 'waiting settling', 'ready']);
  });
  it('heat must have been gone for half a minute', () => {
    expect(
      play([
        [0, { thermal: 'serious' }],
        [10, { thermal: 'serious' }],
        [11, {}],
        [39, {}],
        [40, {}],
      ]),
    ).toEqual(['waiting hot', 'waiting hot', 'waiting settling', 'waiting settling', 'ready']);
  });
  it('a processor that flickers around the limit closes once, and opens well below it', () => {
    const cpu = (otherCpuShare: number) => ({ otherCpuShare });
    expect(
      play([
        [0, cpu(0.7)],
        [40, cpu(0.5)],
        [80, cpu(0.74)],
        [81, cpu(0.76)],
        [120, cpu(0.7)],
        [149, cpu(0.59)],
        [150, cpu(0.59)],
      ]),
    ).toEqual([
      'waiting cpu-busy',
      'ready',
      'ready',
      'waiting cpu-busy',
      'waiting cpu-busy',
      'waiting settling',
      'ready',
    ]);
  });
  it.each(REASON_CODES)('%s: from open to closed, with an answer running', (code) => {
    const decision = decide(HOLDS[code], { history: { ...HOLDS[code].history, wasOpen: true } });
    const after = remember({ ...NO_HISTORY, wasOpen: true }, decision, NOON);
    expect(after.wasOpen).toBe(false);
    expect(isOpen(decision)).toBe(false);
    // The owner's use of the engine has a wait of its own, which is shorter.
    const hasOwnWait = kindOf(code).kind === 'owner' || code === 'owner-prompt' || code === 'engine-in-use';
    expect(after.closedAtMs).toBe(hasOwnWait ? undefined : NOON);
  });
});

describe('when it goes on', () => {
  it.each<[ReasonCode, number | undefined]>([
    ['paused-until', NOON + 1],
    ['engine-in-use', NOON + 1],
    ['in-use', NOON + 1_000],
    ['settling', NOON + 1],
    ['outside-schedule', new Date(2026, 10, 25, 22, 0).getTime()],
    ['budget-spent', new Date(2026, 10, 26).getTime()],
    ['on-battery', undefined],
    ['paused', undefined],
  ])('%s', (code, untilMs) => {
    expect(decide(HOLDS[code]).untilMs).toBe(untilMs);
  });
  it('of two it is the later one; with one that has no end it is not known', () => {
    expect(decide(HOLDS['in-use'], HOLDS['budget-spent']).untilMs).toBe(new Date(2026, 10, 26).getTime());
    expect(decide(HOLDS['in-use'], HOLDS['on-battery']).untilMs).toBeUndefined();
  });
});
