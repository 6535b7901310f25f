import type { MemoryPressure, Signals, ThermalState } from '../signals.ts';

/** `ioreg -c IOHIDSystem -d 4`: nanoseconds since the last input. */
export function parseIdle(text: string): Signals {
  const found = /"HIDIdleTime" = (\d+)/.exec(text)?.[1];
  return found === undefined ? {} : { idleSeconds: Number(found) / 1e9 };
}

/** `ioreg -n Root -d 1`: the session of the console says so only while it is locked. */
export function parseLocked(text: string): Signals {
  if (!text.includes('"IOConsoleUsers"')) return {};
  return { screenLocked: /"CGSSessionScreenIsLocked"=Yes/.test(text) || /"IOConsoleLocked" = Yes/.test(text) };
}

/** `pmset -g batt` */
export function parseBattery(text: string): Signals {
  const source = /Now drawing from '(.+?)'/.exec(text)?.[1];
  const charge = /(\d{1,3})%;/.exec(text)?.[1];
  return {
    // A Mac on a UPS that is empty soon is on battery too.
    ...(source === undefined ? {} : { onBattery: source !== 'AC Power' }),
    ...(charge === undefined ? {} : { chargePercent: Number(charge) }),
  };
}

/** `pmset -g` */
export function parseLowPower(text: string): Signals {
  const found = /^\s*lowpowermode\s+([01])/m.exec(text)?.[1];
  return found === undefined ? {} : { lowPowerMode: found === '1' };
}

/**
 * `pmset -g therm`: how far the system has slowed the processor down, in percent. Apple names no borders between the states; these
 * are ours. A Mac that has never been warm has recorded nothing.
 */
export function parseThermal(text: string): Signals {
  const speed = /CPU_Speed_Limit\s*=\s*(\d+)/.exec(text)?.[1];
  if (speed !== undefined) return { thermal: thermalOf(Number(speed)) };
  return text.includes('No thermal warning level has been recorded') ? { thermal: 'nominal' } : {};
}

function thermalOf(speedPercent: number): ThermalState {
  if (speedPercent >= 100) return 'nominal';
  if (speedPercent >= 90) return 'fair';
  return speedPercent >= 50 ? 'serious' : 'critical';
}

/** `sysctl -n kern.memorystatus_vm_pressure_level` */
export function parseMemoryPressure(text: string): Signals {
  const levels: Record<string, MemoryPressure> = { '1': 'normal', '2': 'warning', '4': 'critical' };
  const memoryPressure = levels[text.trim()];
  return memoryPressure ? { memoryPressure } : {};
}

/** They hold it for the system, for input, or because a person asked for it. */
const NOT_A_FILM = new Set(['powerd', 'hidd', 'WindowServer', 'caffeinate', 'Lobstah', 'node', 'Electron', 'ollama']);

/** `pmset -g assertions`: who keeps the display awake. */
export function parseDisplayHolders(text: string): Signals {
  if (!text.includes('Listed by owning process')) return {};
  const holders = new Set<string>();
  for (const [, name] of text.matchAll(
    /^\s*pid \d+\((.+?)\): \[.*?\] \S+ (?:PreventUserIdleDisplaySleep|NoDisplaySleepAssertion)\b/gm,
  ))
    if (name !== undefined && !NOT_A_FILM.has(name)) holders.add(name);
  return { displayHeldBy: [...holders] };
}

/** The engine's work is what we lend; ours is none of the owner's. */
export const OURS = /^(lobstah|ollama|llama|node$|electron)/i;

/** `ps -Aceo pcpu=,comm=`: percent of one core each, decayed over a minute. */
export function parseProcesses(text: string, cores: number): Signals {
  const programs = new Set<string>();
  let percent = 0;
  for (const [, share, name] of text.matchAll(/^\s*(\d+[.,]\d+)\s+(.+?)\s*$/gm)) {
    if (share === undefined || name === undefined) continue;
    programs.add(name);
    if (!OURS.test(name)) percent += Number(share.replace(',', '.'));
  }
  if (programs.size === 0) return {};
  return { programs: [...programs], otherCpuShare: Math.min(1, percent / 100 / Math.max(1, cores)) };
}

/** `pmset -g powerstate IODisplayWrangler`: 4 is on. Only Intel Macs have it. */
export function parseDisplay(text: string): Signals {
  const state = /IODisplayWrangler\s+(\d)/.exec(text)?.[1];
  return state === undefined ? {} : { displayOff: Number(state) < 4 };
}
