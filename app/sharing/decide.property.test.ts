import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decideSharing, isOpen, NO_HISTORY, remember, type SharingHistory, type SharingWish } from './decide.ts';
import { kindOf } from './reasons.ts';
import { DEFAULT_RULES } from './rules.ts';
import { THERMAL_STATES, type Signals } from './signals.ts';

const START = new Date(2026, 10, 25, 12, 0).getTime();
const rules = { ...DEFAULT_RULES, otherCpuPercent: 75, exclusiveApps: ['Logic Pro'] };
const wish: SharingWish = { on: true, offline: false, pausedUntilMs: undefined, drain: false, rules };

const signals = fc.record<Signals>(
  {
    idleSeconds: fc.integer({ min: 0, max: 400 }),
    screenLocked: fc.boolean(),
    displayOff: fc.boolean(),
    onBattery: fc.boolean(),
    chargePercent: fc.integer({ min: 0, max: 100 }),
    lowPowerMode: fc.boolean(),
    thermal: fc.constantFrom(...THERMAL_STATES),
    otherCpuShare: fc.double({ min: 0, max: 1, noNaN: true }),
    memoryPressure: fc.constantFrom('normal', 'warning', 'critical'),
    displayHeldBy: fc.constantFrom([], ['zoom.us']),
    programs: fc.constantFrom([], ['Logic Pro']),
    metered: fc.boolean(),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<Signals>;

const history = fc.record({
  remoteJobs: fc.integer({ min: 0, max: 3 }),
  ownerPrompts: fc.integer({ min: 0, max: 2 }),
  lastOwnerPromptMs: fc.option(fc.integer({ min: START - 60_000, max: START }), { nil: undefined }),
  lastForeignUseMs: fc.option(fc.integer({ min: START - 60_000, max: START }), { nil: undefined }),
  tokensToday: fc.integer({ min: 0, max: 1000 }),
  wasOpen: fc.boolean(),
  closedAtMs: fc.option(fc.integer({ min: START - 60_000, max: START }), { nil: undefined }),
  blockedAtMs: fc.option(fc.integer({ min: START - 60_000, max: START }), { nil: undefined }),
});

/** Said again in other words than in decide.ts: what must never be served on. */
function forbids(seen: Signals, past: SharingHistory): boolean {
  const away = seen.screenLocked === true || seen.displayOff === true || (seen.idleSeconds ?? -1) >= 180;
  const hasDesktop = ['idleSeconds', 'screenLocked', 'displayOff'].some(
    (name) => seen[name as keyof Signals] !== undefined,
  );
  return (
    (hasDesktop && !away) ||
    seen.onBattery === true ||
    seen.lowPowerMode === true ||
    seen.thermal === 'serious' ||
    seen.thermal === 'critical' ||
    seen.memoryPressure === 'critical' ||
    (seen.otherCpuShare ?? 0) > 0.75 ||
    seen.metered === true ||
    (seen.displayHeldBy?.length ?? 0) > 0 ||
    (seen.programs?.length ?? 0) > 0 ||
    past.ownerPrompts > 0
  );
}

describe('whatever is seen', () => {
  it('nothing is served on a signal that forbids it, and what runs ends', () => {
    fc.assert(
      fc.property(signals, history, (seen, past) => {
        fc.pre(forbids(seen, past));
        const decision = decideSharing(wish, seen, START, past);
        expect(isOpen(decision)).toBe(false);
        expect(decision.running).toBe('abort');
        expect(decision.reasons.length).toBeGreaterThan(0);
      }),
      { numRuns: 2_000 },
    );
  });

  it('a closed gate always says why, an open one has nothing to explain', () => {
    fc.assert(
      fc.property(signals, history, (seen, past) => {
        const decision = decideSharing(wish, seen, START, past);
        expect(decision.reasons.length === 0).toBe(isOpen(decision));
      }),
    );
  });

  it('manual beats automatic: only the word of the owner is told, whatever is seen', () => {
    const byHand = fc.constantFrom<Partial<SharingWish>>(
      { on: false },
      { offline: true },
      { pausedUntilMs: 'open' },
      { pausedUntilMs: START + 60_000 },
      { drain: true },
    );
    fc.assert(
      fc.property(byHand, fc.option(signals, { nil: undefined }), history, (said, seen, past) => {
        const decision = decideSharing({ ...wish, ...said }, seen, START, past);
        expect(isOpen(decision)).toBe(false);
        expect(decision.reasons.map(({ code }) => kindOf(code).kind)).toEqual(['owner']);
      }),
    );
  });

  it('once closed for what was seen it stays closed for as long as the hysteresis: nothing flaps faster', () => {
    const steps = fc.array(fc.tuple(fc.integer({ min: 50, max: 20_000 }), signals), { minLength: 5, maxLength: 60 });
    fc.assert(
      fc.property(steps, (moments) => {
        let nowMs = START;
        let past: SharingHistory = NO_HISTORY;
        let closedAtMs = -Infinity;
        for (const [passedMs, seen] of moments) {
          nowMs += passedMs;
          const before = past.wasOpen;
          const decision = decideSharing(wish, seen, nowMs, past);
          past = remember(past, decision, nowMs);
          if (before && !isOpen(decision)) closedAtMs = nowMs;
          if (!before && isOpen(decision))
            expect(nowMs - closedAtMs).toBeGreaterThanOrEqual(rules.quietSeconds * 1_000);
        }
      }),
      { numRuns: 500 },
    );
  });
});
