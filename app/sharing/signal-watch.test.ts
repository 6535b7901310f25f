import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createSignalWatch, type SignalWatch } from './signal-watch.ts';
import type { SignalSource } from './signals/source.ts';
import type { Signals } from './signals.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function source(name: string, cost: SignalSource['cost'], signals: Signals) {
  const it = { name, cost, reads: 0, signals, failing: false, changed: () => undefined as void, watched: false };
  return Object.assign(it, {
    read(): Signals {
      it.reads += 1;
      if (it.failing) throw new Error('not there');
      return it.signals;
    },
    watch(changed: () => void) {
      it.changed = changed;
      it.watched = true;
      return () => void (it.watched = false);
    },
  });
}

function start(sources: readonly SignalSource[]) {
  const problems: string[] = [];
  let changes = 0;
  const watch: SignalWatch = createSignalWatch({
    sources,
    onChange: () => void (changes += 1),
    onProblem: (name) => void problems.push(name),
  });
  return { watch, problems, changes: () => changes };
}

const passed = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('how often is looked', () => {
  it('not at all when off, every five seconds while waiting, cheap ones four times a second while serving', async () => {
    const cheap = source('cheap', 'cheap', {});
    const dear = source('dear', 'dear', {});
    const { watch } = start([cheap, dear]);
    await passed(60_000);
    expect([cheap.reads, dear.reads, watch.current()]).toEqual([0, 0, undefined]);
    watch.setPace('waiting');
    await passed(0);
    expect([cheap.reads, dear.reads]).toEqual([1, 1]);
    await passed(10_000);
    expect([cheap.reads, dear.reads]).toEqual([3, 3]);
    watch.setPace('serving');
    await passed(10_000);
    expect([cheap.reads - 3, dear.reads - 3]).toEqual([41, 2]);
    watch.setPace('off');
    const before = watch.reads;
    await passed(60_000);
    expect(watch.reads).toBe(before);
    expect(watch.current()).toBeUndefined();
    expect(cheap.watched).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('an event of the system is read at once', async () => {
    const app = source('app', 'dear', { onBattery: false });
    const { watch } = start([app]);
    watch.setPace('waiting');
    await passed(0);
    app.signals = { onBattery: true };
    app.changed();
    await passed(0);
    expect(watch.current()).toEqual({ onBattery: true });
  });
});

describe('what is seen', () => {
  it('the first source is believed, what it does not see the next one may', async () => {
    const app = source('app', 'cheap', { idleSeconds: 1 });
    const system = source('system', 'dear', { idleSeconds: 99, onBattery: true });
    const { watch } = start([app, system]);
    expect(await watch.look()).toEqual({ idleSeconds: 1, onBattery: true });
    expect(watch.current()).toBeUndefined(); // nobody watches
    watch.setPace('waiting');
    await watch.look();
    expect(watch.current()).toEqual({ idleSeconds: 1, onBattery: true });
    watch.close();
  });

  it('a source that fails makes its signals unknown, and is told once', async () => {
    const app = source('app', 'cheap', { onBattery: false });
    const { watch, problems } = start([app]);
    watch.setPace('waiting');
    await watch.look();
    app.failing = true;
    await watch.look();
    await watch.look();
    expect(watch.current()).toEqual({});
    expect(problems).toEqual(['app']);
    watch.close();
  });

  it('what was asked before it was switched off does not come in after it', async () => {
    let answer: (signals: Signals) => void = () => undefined;
    const slow: SignalSource = { name: 's', cost: 'dear', read: () => new Promise((resolve) => (answer = resolve)) };
    const { watch, changes } = start([slow]);
    watch.setPace('waiting');
    watch.setPace('off');
    answer({ onBattery: true });
    await passed(0);
    expect(watch.current()).toBeUndefined();
    expect(changes()).toBe(0);
    watch.close();
  });
});
