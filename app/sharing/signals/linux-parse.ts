import type { Signals } from '../signals.ts';

/** The files of one supply in /sys/class/power_supply, by name. */
export interface PowerSupply {
  readonly type?: string | undefined;
  readonly online?: string | undefined;
  readonly status?: string | undefined;
  readonly capacity?: string | undefined;
  /** 'Device' for the battery of a mouse */
  readonly scope?: string | undefined;
}

/** A machine without a battery of its own shows none, and is on mains. */
export function parsePowerSupplies(supplies: readonly PowerSupply[]): Signals {
  const batteries = supplies.filter(({ type, scope }) => type === 'Battery' && scope !== 'Device');
  const mains = supplies.filter(({ type }) => type === 'Mains' || type === 'USB');
  if (batteries.length === 0) return {};
  const discharging = batteries.some(({ status }) => status === 'Discharging');
  const charges = batteries.flatMap(({ capacity }) => (/^\d+$/.test(capacity ?? '') ? [Number(capacity)] : []));
  return {
    onBattery: mains.length > 0 ? discharging && !mains.some(({ online }) => online === '1') : discharging,
    ...(charges.length > 0 ? { chargePercent: Math.min(...charges) } : {}),
  };
}

/** /proc/meminfo, in kB. */
export function parseMeminfo(text: string): Signals {
  const total = Number(/^MemTotal:\s+(\d+)/m.exec(text)?.[1]);
  const available = Number(/^MemAvailable:\s+(\d+)/m.exec(text)?.[1]);
  if (!(total > 0) || Number.isNaN(available)) return {};
  const share = available / total;
  return { memoryPressure: share < 0.04 ? 'critical' : share < 0.1 ? 'warning' : 'normal' };
}

export interface CpuTimes {
  readonly busy: number;
  readonly total: number;
}

/** The first line of /proc/stat, in ticks since the start (proc(5)); waiting for a disk is not being busy. */
export function parseCpuTimes(text: string): CpuTimes | undefined {
  const cells = /^cpu +(.+)$/m.exec(text)?.[1]?.trim().split(/\s+/).slice(0, 8).map(Number);
  if (!cells || cells.length < 5 || cells.some(Number.isNaN)) return undefined;
  const total = cells.reduce((sum, cell) => sum + cell, 0);
  return { total, busy: total - (cells[3] ?? 0) - (cells[4] ?? 0) };
}

/** utime and stime of /proc/PID/stat, in ticks, with the name; names may hold spaces and brackets. */
export function parseProcessTimes(text: string): { name: string; ticks: number } | undefined {
  const found = /^\d+ \((.*)\) \S (.+)$/s.exec(text.trim());
  const cells = found?.[2]?.split(' ').map(Number);
  const ticks = (cells?.[10] ?? NaN) + (cells?.[11] ?? NaN);
  return found?.[1] === undefined || Number.isNaN(ticks) ? undefined : { name: found[1], ticks };
}

/** `loginctl list-sessions --no-legend`: the first column of the sessions at a seat. */
export function parseSeatedSessions(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter((cells) => cells.includes('seat0'))
    .flatMap(([session]) => session ?? []);
}

/** `loginctl show-session ID -p Type -p State -p LockedHint -p IdleHint -p IdleSinceHintMonotonic` */
export function parseSession(text: string, uptimeSeconds: number): Signals {
  const values = new Map(text.split('\n').map((line) => line.split('=', 2) as [string, string]));
  // A console without windows counts keys in no way that logind would know.
  if (!['x11', 'wayland', 'mir'].includes(values.get('Type') ?? '') || values.get('State') !== 'active') return {};
  const idleSince = Number(values.get('IdleSinceHintMonotonic') ?? NaN) / 1e6;
  const isIdle = values.get('IdleHint') === 'yes' && idleSince > 0;
  return {
    screenLocked: values.get('LockedHint') === 'yes',
    // Desktops report idleness after minutes; until then all that is known is that somebody is there.
    ...(isIdle
      ? { idleSeconds: Math.max(0, uptimeSeconds - idleSince) }
      : values.has('IdleHint')
        ? { idleSeconds: 0 }
        : {}),
  };
}

/** `busctl get-property … Metered` of NetworkManager: 1 yes, 2 no, 3 most likely, 4 most likely not. */
export function parseMetered(text: string): Signals {
  const value = /^u (\d)/.exec(text.trim())?.[1];
  if (value === '1' || value === '3') return { metered: true };
  return value === '2' || value === '4' ? { metered: false } : {};
}
