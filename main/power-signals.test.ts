import { EventEmitter } from 'node:events';
import type { PowerMonitor } from 'electron';
import { describe, expect, it } from 'vitest';
import { keepAwake } from './keep-awake.ts';
import { powerSignals } from './power-signals.ts';

function monitor(members: object = {}) {
  return Object.assign(new EventEmitter(), {
    getSystemIdleTime: () => 42,
    getSystemIdleState: () => 'active',
    isOnBatteryPower: () => false,
    getCurrentThermalState: () => 'fair',
    ...members,
  }) as unknown as PowerMonitor;
}

const read = (fake: PowerMonitor) => powerSignals(fake, 'darwin')[0]?.read(AbortSignal.timeout(1_000));

describe('what Electron sees', () => {
  it('is idle time, lock, battery and heat', () => {
    expect(read(monitor())).toEqual({ idleSeconds: 42, screenLocked: false, onBattery: false, thermal: 'fair' });
    expect(read(monitor({ getSystemIdleState: () => 'locked' }))).toMatchObject({ screenLocked: true });
  });
  it("a heat that it does not know is unknown, not 'nominal'", () => {
    expect(read(monitor({ getCurrentThermalState: () => 'unknown' }))).not.toHaveProperty('thermal');
  });
  it('tells what the system tells, until nobody listens', () => {
    const fake = monitor();
    let told = 0;
    const end = powerSignals(fake, 'darwin')[0]?.watch?.(() => void (told += 1));
    fake.emit('lock-screen');
    fake.emit('on-battery');
    end?.();
    fake.emit('on-ac');
    expect(told).toBe(2);
    expect((fake as unknown as EventEmitter).eventNames()).toEqual([]);
  });
  it('on Linux the system is asked instead', () => {
    expect(powerSignals(monitor(), 'linux')).toEqual([]);
  });
});

it('one assertion while it is on, none after', () => {
  const held = new Set<number>();
  let next = 0;
  const set = keepAwake({
    start: () => {
      held.add((next += 1));
      return next;
    },
    stop: (assertion) => held.delete(assertion),
  });
  set(true);
  set(true);
  expect(held.size).toBe(1);
  set(false);
  set(false);
  expect(held.size).toBe(0);
});
