import type { ThermalState } from './signals.ts';

/** What the owner allows. Percentages 0 to 100; a limit of 0 is no limit where it says so. */
export interface SharingRules {
  /** without input for so long the machine counts as idle; 0: serves also while it is used */
  readonly idleMinutes: number;
  readonly lockedIsIdle: boolean;
  readonly displayOffIsIdle: boolean;
  readonly onBattery: boolean;
  /** on battery, below this charge nothing is served */
  readonly minChargePercent: number;
  readonly inLowPowerMode: boolean;
  /** the hottest state in which it still serves */
  readonly thermalLimit: ThermalState;
  /** other programs may use so much of all cores; 0: not looked at */
  readonly otherCpuPercent: number;
  /** what models for others may take of the memory while the machine is used, and while it is idle */
  readonly memoryInUsePercent: number;
  readonly memoryIdlePercent: number;
  /** serves while a film, a call or a presentation keeps the display awake */
  readonly whileDisplayHeld: boolean;
  /** programs beside which nothing is served, by name */
  readonly exclusiveApps: readonly string[];
  readonly onMetered: boolean;
  /** see schedule.ts; empty: at any time */
  readonly schedule: string;
  /** after whatever forbade serving has gone, it stays quiet for so long */
  readonly quietSeconds: number;
  /** after the last prompt of the owner */
  readonly ownerQuietSeconds: number;
  /** what becomes of running answers for others when the owner is back */
  readonly whenBack: 'abort' | 'finish';
  /** with 'finish': for so long at most */
  readonly finishSeconds: number;
  /** how long a model stays in memory after an answer; null: as the engine does it by itself */
  readonly keepAliveSeconds: number | null;
  /** a pause 'until charged' ends there */
  readonly chargedPercent: number;
  /** tokens for others a day, in all and of any one model, prompt and answer counted; 0: no limit */
  readonly tokensPerDay: number;
  readonly tokensPerModelPerDay: number;
}

/** On Linux other work is most likely a server's, and not somebody waiting at a desk. */
const OTHER_CPU_PERCENT = process.platform === 'darwin' ? 75 : 0;

export const DEFAULT_RULES: SharingRules = {
  idleMinutes: 3,
  lockedIsIdle: true,
  displayOffIsIdle: true,
  onBattery: false,
  minChargePercent: 50,
  inLowPowerMode: false,
  thermalLimit: 'fair',
  otherCpuPercent: OTHER_CPU_PERCENT,
  memoryInUsePercent: 50,
  memoryIdlePercent: 90,
  whileDisplayHeld: false,
  exclusiveApps: [],
  onMetered: false,
  schedule: '',
  quietSeconds: 30,
  ownerQuietSeconds: 20,
  whenBack: 'abort',
  finishSeconds: 60,
  keepAliveSeconds: null,
  // macOS holds a battery at 80 % for days when it thinks that is good for it.
  chargedPercent: 80,
  tokensPerDay: 0,
  tokensPerModelPerDay: 0,
};
