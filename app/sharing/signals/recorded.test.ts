import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Signals } from '../signals.ts';
import {
  parseCpuTimes,
  parseMeminfo,
  parseMetered,
  parsePowerSupplies,
  parseProcessTimes,
  parseSeatedSessions,
  parseSession,
} from './linux-parse.ts';
import { linuxSources } from './linux-sources.ts';
import * as mac from './mac-parse.ts';
import { macSources } from './mac-sources.ts';
import { testFileSource } from './test-file-source.ts';

const recorded = (name: string) => readFileSync(join(import.meta.dirname, 'recorded', `${name}.txt`), 'utf8');

describe('what a Mac prints', () => {
  it.each<[string, (text: string) => Signals, Signals]>([
    ['ioreg-idle', mac.parseIdle, { idleSeconds: 83.412551916 }],
    ['ioreg-root-locked', mac.parseLocked, { screenLocked: true }],
    ['ioreg-root-unlocked', mac.parseLocked, { screenLocked: false }],
    ['pmset-batt-charging', mac.parseBattery, { onBattery: false, chargePercent: 87 }],
    ['pmset-batt-battery', mac.parseBattery, { onBattery: true, chargePercent: 43 }],
    ['pmset-batt-desktop', mac.parseBattery, { onBattery: false }],
    ['pmset-settings', mac.parseLowPower, { lowPowerMode: true }],
    ['pmset-therm-cool', mac.parseThermal, { thermal: 'nominal' }],
    ['pmset-therm-hot', mac.parseThermal, { thermal: 'serious' }],
    ['pmset-assertions-call', mac.parseDisplayHolders, { displayHeldBy: ['zoom.us'] }],
    ['pmset-assertions-quiet', mac.parseDisplayHolders, { displayHeldBy: [] }],
    ['pmset-powerstate-off', mac.parseDisplay, { displayOff: true }],
  ])('%s', (name, parse, signals) => {
    expect(parse(recorded(name))).toEqual(signals);
  });

  it.each([
    ['1', 'normal'],
    ['2', 'warning'],
    ['4', 'critical'],
  ])('memory pressure %s is %s', (text, memoryPressure) => {
    expect(mac.parseMemoryPressure(`${text}\n`)).toEqual({ memoryPressure });
  });

  it('processes: the engine and Lobstah are not "others"', () => {
    const { programs, otherCpuShare } = mac.parseProcesses(recorded('ps-busy'), 8);
    expect(programs).toContain('Final Cut Pro');
    expect(otherCpuShare).toBeCloseTo((12.4 + 240 + 3.1 + 0.6) / 800);
  });

  it.each(Object.entries(mac).filter(([name]) => name.startsWith('parse')))(
    '%s: what it does not understand is unknown, never fine',
    (_name, parse) => {
      for (const text of ['', 'pmset: unknown option\n', '{}'])
        expect((parse as (text: string, cores: number) => Signals)(text, 8)).toEqual({});
    },
  );

  it('every source asks one program', async () => {
    const asked: string[] = [];
    const run = (file: string, args: readonly string[]) => {
      asked.push([file, ...args].join(' '));
      return Promise.resolve('');
    };
    const sources = macSources({ run, cores: 8 });
    for (const source of sources) expect(await source.read(AbortSignal.timeout(1_000))).toEqual({});
    expect(asked).toEqual(sources.map(({ name }) => name));
    expect(sources.filter(({ cost }) => cost === 'cheap')).toHaveLength(2);
  });
});

describe('what Linux shows', () => {
  const battery = { type: 'Battery', capacity: '64' };
  it.each<[string, Parameters<typeof parsePowerSupplies>[0], Signals]>([
    ['none', [], {}],
    [
      'on mains',
      [
        { type: 'Mains', online: '1' },
        { ...battery, status: 'Charging' },
      ],
      { onBattery: false, chargePercent: 64 },
    ],
    [
      'on battery',
      [
        { type: 'Mains', online: '0' },
        { ...battery, status: 'Discharging' },
      ],
      { onBattery: true, chargePercent: 64 },
    ],
    [
      'a weak adapter: drains, but is plugged in',
      [
        { type: 'Mains', online: '1' },
        { ...battery, status: 'Discharging' },
      ],
      { onBattery: false, chargePercent: 64 },
    ],
    ['the battery of a mouse', [{ ...battery, status: 'Discharging', scope: 'Device' }], {}],
    [
      'two batteries: the emptier one counts',
      [
        { ...battery, status: 'Full' },
        { type: 'Battery', capacity: '8', status: 'Discharging' },
      ],
      { onBattery: true, chargePercent: 8 },
    ],
  ])('power: %s', (_name, supplies, signals) => {
    expect(parsePowerSupplies(supplies)).toEqual(signals);
  });

  it('logind: who sits there, idle or not', () => {
    expect(parseSeatedSessions(recorded('loginctl-sessions'))).toEqual(['2']);
    expect(parseSession(recorded('loginctl-active'), 9_000)).toEqual({ screenLocked: false, idleSeconds: 0 });
    const idle = parseSession(recorded('loginctl-idle'), 9_000);
    expect(idle.screenLocked).toBe(true);
    expect(idle.idleSeconds).toBeCloseTo(876.54, 1);
    expect(parseSession('Type=tty\nState=active\nIdleHint=no\n', 9_000)).toEqual({});
    expect(parseSession('', 9_000)).toEqual({});
  });

  it('memory, processor, network', () => {
    expect(parseMeminfo(recorded('proc-meminfo'))).toEqual({ memoryPressure: 'warning' });
    expect(parseMeminfo('')).toEqual({});
    expect(parseCpuTimes(recorded('proc-stat'))).toEqual({ total: 60_377_929, busy: 13_532_763 });
    expect(parseCpuTimes('cpu x')).toBeUndefined();
    expect(parseProcessTimes(recorded('proc-pid-stat'))).toEqual({ name: 'ollama (runner) x', ticks: 75_033 });
    expect([parseMetered('u 1\n'), parseMetered('u 4'), parseMetered('u 0'), parseMetered('')]).toEqual([
      { metered: true },
      { metered: false },
      {},
      {},
    ]);
  });

  it('a folder that looks like /sys and /proc, read twice', async () => {
    const root = mkdtempSync(join(tmpdir(), 'lobstah-signals-'));
    const put = (path: string, text: string) => {
      mkdirSync(join(root, path, '..'), { recursive: true });
      writeFileSync(join(root, path), text);
    };
    put('sys/class/power_supply/BAT0/type', 'Battery\n');
    put('sys/class/power_supply/BAT0/status', 'Discharging\n');
    put('sys/class/power_supply/BAT0/capacity', '31\n');
    put('proc/meminfo', recorded('proc-meminfo'));
    put('proc/stat', 'cpu 100 0 0 900 0 0 0 0\n');
    put('proc/7/stat', recorded('proc-pid-stat').replace('73211', '0').replace('1822', '0'));
    const missing = () => Promise.reject(new Error('no such program'));
    const sources = linuxSources({ run: missing, root, wantsProcesses: () => true });
    const look = async () => {
      let seen: Signals = {};
      for (const source of sources)
        seen = { ...seen, ...(await Promise.resolve(source.read(AbortSignal.timeout(1_000))).catch(() => ({}))) };
      return seen;
    };
    expect(await look()).toEqual({
      onBattery: true,
      chargePercent: 31,
      memoryPressure: 'warning',
      programs: ['ollama (runner) x'],
    });
    // 100 ticks passed, 80 of them busy, 50 of those the engine's.
    put('proc/stat', 'cpu 180 0 0 920 0 0 0 0\n');
    put('proc/7/stat', recorded('proc-pid-stat').replace('73211', '50').replace('1822', '0'));
    expect((await look()).otherCpuShare).toBeCloseTo(0.3);
    rmSync(root, { recursive: true });
  });
});

it('the file of a test: an unknown name is refused, so that no test watches for nothing', () => {
  const folder = mkdtempSync(join(tmpdir(), 'lobstah-signals-'));
  const file = join(folder, 'signals.json');
  const read = () => testFileSource(file).read(AbortSignal.timeout(1_000));
  expect(read).toThrow();
  writeFileSync(file, '{"idleSeconds":4}');
  expect(read()).toEqual({ idleSeconds: 4 });
  writeFileSync(file, '{"idelSeconds":4}');
  expect(read).toThrow();
  rmSync(folder, { recursive: true });
});
