import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { EngineEvent } from '../engine/engine.ts';
import { ENGINE_LIMITS, withinLimits, type EngineLife, type EngineWait } from './engine-limits.ts';

const SHORT: EngineWait = { inputTokens: 0, tools: false, deadlineMs: undefined };
const SECOND = 1_000;
const MINUTE = 60 * SECOND;

const delta: EngineEvent = { type: 'delta', delta: { content: 'x' } };

/** An engine that says something when it is told to, and never hears an abort. */
function createDeafEngine() {
  let say: (event: EngineEvent) => void = () => undefined;
  let signal: AbortSignal | undefined;
  async function* chat(given: AbortSignal): AsyncGenerator<EngineEvent> {
    signal = given;
    for (;;) yield await new Promise<EngineEvent>((resolve) => (say = resolve));
  }
  return { chat, say: () => say(delta), aborted: () => signal?.aborted ?? false };
}

function run(wait: EngineWait, life: EngineLife = { lastEventMs: -Infinity }, signal = new AbortController().signal) {
  const engine = createDeafEngine();
  let heard = 0;
  let end: unknown;
  void (async () => {
    try {
      for await (const _ of withinLimits(engine.chat, wait, signal, { limits: ENGINE_LIMITS, life, nowMs: Date.now }))
        heard += 1;
    } catch (error) {
      end = error;
    }
  })();
  const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms);
  return {
    engine,
    heard: () => heard,
    end: () => end as { code?: string } | undefined,
    pass,
    async say() {
      engine.say();
      await pass(0);
    },
  };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('an engine that hangs', () => {
  it.each([
    ['a short prompt', 0, 2 * MINUTE],
    ['a prompt of 3,000 tokens', 3_000, 3 * MINUTE],
    ['a prompt of 60,000 tokens', 60_000, 22 * MINUTE],
  ])('before its first token, with %s, is given up after its time and not before', async (_name, inputTokens, ms) => {
    const answer = run({ ...SHORT, inputTokens });
    await answer.pass(ms - 1);
    expect(answer.end()).toBeUndefined();
    await answer.pass(1);
    expect(answer.end()).toMatchObject({ code: 'engine_stalled' });
    expect(answer.engine.aborted()).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('between tokens is given up after a minute of silence, each token starting it anew', async () => {
    const answer = run(SHORT);
    for (let i = 0; i < 5; i += 1) {
      await answer.say();
      await answer.pass(59 * SECOND);
    }
    expect([answer.heard(), answer.end()]).toEqual([5, undefined]);
    await answer.pass(SECOND);
    expect(answer.end()).toMatchObject({ code: 'engine_stalled' });
    expect(answer.engine.aborted()).toBe(true);
  });

  it('while it may be writing a tool call, which it holds back until it is whole, gets five minutes', async () => {
    const answer = run({ ...SHORT, tools: true });
    await answer.say();
    await answer.pass(5 * MINUTE - 1);
    expect(answer.end()).toBeUndefined();
    await answer.pass(1);
    expect(answer.end()).toMatchObject({ code: 'engine_stalled' });
  });

  it('is given up at the deadline of the order, however lively it is', async () => {
    const answer = run({ ...SHORT, deadlineMs: Date.now() + 90 * SECOND });
    for (let i = 0; i < 8; i += 1) {
      await answer.pass(10 * SECOND);
      await answer.say();
    }
    expect(answer.end()).toBeUndefined();
    await answer.pass(10 * SECOND);
    expect(answer.end()).toMatchObject({ code: 'engine_stalled' });
  });

  it('for one request but answers others is only busy, for at most half an hour', async () => {
    const life = { lastEventMs: -Infinity };
    const answer = run(SHORT, life);
    for (let minute = 0; minute < 29; minute += 1) {
      await answer.pass(MINUTE);
      life.lastEventMs = performance.now();
    }
    expect(answer.end()).toBeUndefined();
    await answer.pass(MINUTE);
    expect(answer.end()).toMatchObject({ code: 'engine_stalled' });
  });
});

describe('what is not the silence of an engine', () => {
  it('is a reader that takes its time', async () => {
    const life = { lastEventMs: -Infinity };
    async function* chat(): AsyncGenerator<EngineEvent> {
      yield delta;
      yield delta;
      await Promise.resolve();
    }
    const events = withinLimits(chat, SHORT, new AbortController().signal, {
      limits: ENGINE_LIMITS,
      life,
      nowMs: Date.now,
    });
    await events.next();
    await vi.advanceTimersByTimeAsync(10 * MINUTE);
    expect(await events.next()).toEqual({ done: false, value: delta });
    expect((await events.next()).done).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is a client that leaves: the reason of its signal comes out', async () => {
    const gone = new AbortController();
    async function* chat(signal: AbortSignal): AsyncGenerator<EngineEvent> {
      yield delta;
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));
    }
    const events = withinLimits(chat, SHORT, gone.signal, {
      limits: ENGINE_LIMITS,
      life: { lastEventMs: 0 },
      nowMs: Date.now,
    });
    await events.next();
    const next = events.next();
    gone.abort(new Error('gone'));
    await expect(next).rejects.toThrow('gone');
    expect(vi.getTimerCount()).toBe(0);
  });
});
