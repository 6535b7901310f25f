import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Engine, EngineResident } from '../../engine/engine.ts';
import type { LiveJob } from '../../protocol/live-job.ts';
import type { Pubkey } from '../../protocol/pubkey.ts';
import type { SharingWish } from '../../sharing/decide.ts';
import { DEFAULT_RULES, type SharingRules } from '../../sharing/rules.ts';
import type { Signals } from '../../sharing/signals.ts';
import { createGuest } from './guest.ts';

const OWN = `lob1${'aa'.repeat(32)}` as Pubkey;
const OTHER = `lob1${'bb'.repeat(32)}` as Pubkey;
const GB = 1024 ** 3;
const IDLE: Signals = { idleSeconds: 900, onBattery: false, memoryPressure: 'normal' };

beforeEach(() => void vi.useFakeTimers({ now: new Date(2026, 10, 25, 12, 0) }));
afterEach(() => void vi.useRealTimers());

function start(options: { signals?: Signals; rules?: Partial<SharingRules>; residents?: EngineResident[] } = {}) {
  const state = {
    signals: options.signals ?? IDLE,
    wish: {
      on: true,
      offline: false,
      pausedUntilMs: undefined,
      drain: false,
      rules: { ...DEFAULT_RULES, ...options.rules },
    } as SharingWish,
    reads: 0,
    awake: [] as boolean[],
    stopped: [] as [string, string | undefined][],
    unloaded: [] as string[],
    changes: 0,
    charged: 0,
    served: new Map<string, number>(),
    residents: options.residents ?? [],
  };
  const running = new Set<LiveJob>();
  const engine = {
    residents: () => Promise.resolve(state.residents),
    unload(model: string) {
      state.unloaded.push(model);
      return Promise.resolve(true);
    },
  } as unknown as Engine;
  const guest = createGuest({
    wish: () => state.wish,
    sources: [
      {
        name: 'test',
        cost: 'cheap',
        read() {
          state.reads += 1;
          return state.signals;
        },
      },
    ],
    engine,
    jobs: {
      list: () => [...running],
      begin(job) {
        running.add(job);
        return { with: none, via: none, phase: none, tokens: none, end: () => void running.delete(job) };
      },
    },
    ownPubkey: OWN,
    servedToday: {
      current: () => ({
        tokens: [...state.served.values()].reduce((sum, count) => sum + count, 0),
        ofModel: (model) => state.served.get(model) ?? 0,
      }),
    },
    keepAwake: (on) => void state.awake.push(on),
    charged: () => void (state.charged += 1),
    onChange: () => void (state.changes += 1),
    log: pino({ level: 'silent' }),
    nowMs: Date.now,
  });
  const begin = (jobId: string, otherPubkey: Pubkey, model = 'm') =>
    guest.jobs.begin({
      jobId,
      direction: 'serving',
      model,
      otherPubkey,
      maxOutputTokens: 9,
      startedAtMs: Date.now(),
      stop: (why) => void state.stopped.push([jobId, why?.code]),
    });
  return { guest, state, begin };
}

const none = () => undefined;
const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('the machine is watched', () => {
  it('four times a second while somebody is served, every five seconds else, not at all when off', async () => {
    const { guest, state, begin } = start();
    await guest.reconsider();
    const count = async (ms: number) => {
      const before = state.reads;
      await passed(ms);
      return state.reads - before;
    };
    expect(await count(10_000)).toBe(2);
    const job = begin('1', OTHER);
    await passed(0);
    expect(await count(10_000)).toBe(40);
    job.end();
    expect(await count(10_000)).toBe(2);
    state.wish = { ...state.wish, on: false };
    await guest.reconsider();
    expect(await count(60_000)).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
    guest.stop();
  });

  it('kept awake only while serving on mains, and not a moment longer', async () => {
    const { guest, state, begin } = start();
    await guest.reconsider();
    const job = begin('1', OTHER);
    expect(state.awake).toEqual([true]);
    job.end();
    expect(state.awake).toEqual([true, false]);
    state.signals = { idleSeconds: 900 };
    await guest.reconsider();
    begin('2', OTHER).end();
    // Without knowing of mains nothing is kept awake.
    expect(state.awake).toEqual([true, false]);
    guest.stop();
  });
});

describe('the owner comes first', () => {
  it('input: what runs for others ends within a quarter of a second, what the owner asks does not', async () => {
    const { guest, state, begin } = start({ rules: { whenBack: 'abort' } });
    await guest.reconsider();
    begin('theirs', OTHER);
    await passed(1_000);
    state.signals = { ...state.signals, idleSeconds: 0 };
    await passed(250);
    expect(state.stopped).toEqual([['theirs', 'owner_back']]);
    expect(guest.decision(Date.now()).state).toBe('waiting');
    guest.stop();
  });

  it('a prompt: at once, and for twenty seconds after the last one', async () => {
    const { guest, state, begin } = start();
    await guest.reconsider();
    begin('theirs', OTHER).phase('streaming');
    const mine = begin('mine', OWN);
    expect(state.stopped).toEqual([['theirs', 'owner_back']]);
    await passed(60_000);
    expect(guest.decision(Date.now()).reasons[0]?.code).toBe('owner-prompt');
    mine.end();
    await passed(19_000);
    expect(guest.decision(Date.now()).state).toBe('waiting');
    await passed(1_500);
    expect(guest.decision(Date.now()).reasons).toEqual([]);
    guest.stop();
  });

  it('another program: its model moved on, so others wait', async () => {
    const theirs = { name: 'x:latest', sizeBytes: GB, expiresAtMs: 5_000, usedHereAtMs: undefined };
    const { guest, state } = start({ residents: [theirs] });
    await guest.reconsider();
    await passed(5_000);
    expect(guest.decision(Date.now()).state).toBe('ready');
    state.residents = [{ ...theirs, expiresAtMs: 20_000 }];
    await passed(5_000);
    expect(guest.decision(Date.now()).reasons[0]?.code).toBe('engine-in-use');
    guest.stop();
  });
});

describe('memory and budgets', () => {
  const model = { name: 'm', sizeBytes: GB / 1024, capabilities: [], loaded: false, ownUseOnly: false };

  it('what was loaded for others goes when memory is short; what the owner used stays', async () => {
    const { guest, state, begin } = start();
    await guest.reconsider();
    begin('a', OWN, 'mine').end();
    await passed(40_000);
    begin('b', OTHER, 'guest').end();
    begin('c', OTHER, 'mine:latest').end();
    state.signals = { ...state.signals, idleSeconds: 0, memoryPressure: 'warning' };
    await passed(6_000);
    expect(state.unloaded).toEqual(['guest:latest']);
    guest.stop();
  });

  it('with memory to spare it stays loaded: whoever comes next is answered sooner', async () => {
    const { guest, state, begin } = start();
    await guest.reconsider();
    begin('b', OTHER, 'guest').end();
    state.signals = { ...state.signals, idleSeconds: 0 };
    await passed(6_000);
    expect(state.unloaded).toEqual([]);
    guest.stop();
  });

  it('a model that is larger than its share of the memory is not offered', async () => {
    const { guest } = start();
    await guest.reconsider();
    expect(guest.mayOffer(model)).toBe(true);
    expect(guest.mayOffer({ ...model, sizeBytes: 100_000 * GB })).toBe(false);
    guest.stop();
  });

  it('a model whose tokens of today are spent is not offered, the others are', async () => {
    const { guest, state } = start({ rules: { tokensPerModelPerDay: 100 } });
    await guest.reconsider();
    state.served.set('m', 100);
    expect(guest.mayOffer(model)).toBe(false);
    expect(guest.mayOffer({ ...model, name: 'other' })).toBe(true);
    guest.stop();
  });

  it('the budget of the day closes the gate, and what runs may end', async () => {
    const { guest, state, begin } = start({ rules: { tokensPerDay: 100 } });
    await guest.reconsider();
    begin('1', OTHER);
    state.served.set('m', 100);
    await passed(250);
    expect(guest.decision(Date.now())).toMatchObject({ state: 'draining', reasons: [{ code: 'budget-spent' }] });
    expect(state.stopped).toEqual([]);
    guest.stop();
  });
});

describe('a pause until charged', () => {
  it('looks once a minute, ends at the charge, and takes the wish back', async () => {
    const { guest, state } = start({ signals: { idleSeconds: 900, onBattery: true, chargePercent: 60 } });
    state.wish = { ...state.wish, pausedUntilMs: 'charged' };
    await guest.reconsider();
    expect(guest.decision(Date.now()).state).toBe('paused');
    const before = state.reads;
    await passed(120_000);
    expect(state.reads - before).toBe(2);
    expect(state.charged).toBe(0);
    state.signals = { idleSeconds: 900, onBattery: false, chargePercent: 80 };
    await passed(60_000);
    expect(state.charged).toBeGreaterThan(0);
    guest.stop();
  });
});

it('settings that were edited by hand are followed with the next decision that anybody asks for', async () => {
  const { guest, state, begin } = start();
  await guest.reconsider();
  begin('theirs', OTHER);
  state.wish = { ...state.wish, on: false };
  expect(guest.decision(Date.now()).state).toBe('off');
  await passed(0);
  expect(state.stopped).toEqual([['theirs', 'owner_back']]);
  expect(state.changes).toBeGreaterThan(0);
  guest.stop();
});
