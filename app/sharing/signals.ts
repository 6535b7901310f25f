export const THERMAL_STATES = ['nominal', 'fair', 'serious', 'critical'] as const;
export type ThermalState = (typeof THERMAL_STATES)[number];
export type MemoryPressure = 'normal' | 'warning' | 'critical';

/**
 * What the machine shows of itself. Everything that was not seen is absent: unknown is a value of its own, and what it means
 * is said here for each signal. Nothing in here ever leaves the machine.
 */
export interface Signals {
  /** since the last key or pointer movement. Unknown: somebody is there, unless lock and display are unknown too (no desktop) */
  readonly idleSeconds?: number;
  /** Unknown: not locked */
  readonly screenLocked?: boolean;
  /** Unknown: not off */
  readonly displayOff?: boolean;
  /** Unknown: no battery was found, so the machine is on mains */
  readonly onBattery?: boolean;
  /** of the battery, 0 to 100. Unknown: nothing to wait for on mains, too low on battery, never "charged" */
  readonly chargePercent?: number;
  /** Unknown: this system has no such mode */
  readonly lowPowerMode?: boolean;
  /** Unknown: the system slows down by itself, and says nothing */
  readonly thermal?: ThermalState;
  /** what other programs than the engine and Lobstah use of all cores, 0 to 1. Unknown: not looked at */
  readonly otherCpuShare?: number;
  /** Unknown: not short, but no second model is loaded beside one of the owner's */
  readonly memoryPressure?: MemoryPressure;
  /** programs that keep the display awake: a film, a call, a presentation. Unknown: nobody does */
  readonly displayHeldBy?: readonly string[];
  /** programs that run, as the system names them. Unknown: none of the named ones runs */
  readonly programs?: readonly string[];
  /** Unknown: not metered; macOS tells no program that asks from outside */
  readonly metered?: boolean;
}

/** Every name above, so that what comes from a file or a log can be held against it. */
const signalNames: Record<keyof Signals, true> = {
  idleSeconds: true,
  screenLocked: true,
  displayOff: true,
  onBattery: true,
  chargePercent: true,
  lowPowerMode: true,
  thermal: true,
  otherCpuShare: true,
  memoryPressure: true,
  displayHeldBy: true,
  programs: true,
  metered: true,
};
export const SIGNAL_NAMES = Object.keys(signalNames) as readonly (keyof Signals)[];

/**
 * Is somebody at the machine? Without any sight of a desktop (a server, an ssh session) nobody is; with a desktop whose idle
 * time is not known somebody is.
 */
export function isInUse(
  { idleSeconds, screenLocked, displayOff }: Signals,
  rules: { readonly idleMinutes: number; readonly lockedIsIdle: boolean; readonly displayOffIsIdle: boolean },
): boolean {
  if (rules.lockedIsIdle && screenLocked) return false;
  if (rules.displayOffIsIdle && displayOff) return false;
  if (idleSeconds === undefined) return screenLocked !== undefined || displayOff !== undefined;
  return idleSeconds < rules.idleMinutes * 60;
}
