import type { SharingRulesView } from '../../contract/snapshot.ts';
import { GridError } from '../../protocol/errors.ts';
import { DEFAULT_RULES } from '../../sharing/rules.ts';

export type RuleName = keyof SharingRulesView;

/** One line for each rule, as `sharing show` prints it. */
export const RULE_TEXTS: Record<RuleName, string> = {
  idleMinutes: 'minutes without input until the machine counts as idle; 0: also while it is used',
  lockedIsIdle: 'a locked screen counts as idle at once',
  displayOffIsIdle: 'a display that is off counts as idle at once',
  onBattery: 'serve on battery',
  minChargePercent: 'on battery, only above this charge',
  inLowPowerMode: 'serve in Low Power Mode',
  thermalLimit: 'the hottest state in which it still serves: nominal, fair, serious, critical',
  otherCpuPercent: 'other programs may use this much of the processor; 0: not looked at',
  memoryInUsePercent: 'memory for models of others while the machine is used',
  memoryIdlePercent: 'memory for models of others while it is idle',
  whileDisplayHeld: 'serve during films, calls and presentations',
  exclusiveApps: 'programs beside which nothing is served, with commas',
  onMetered: 'serve on a metered network',
  schedule: "hours: 'mon-fri 22:00-07:00, sat-sun 00:00-24:00'; empty: at any time",
  quietSeconds: 'seconds of quiet before it serves again',
  ownerQuietSeconds: 'seconds after your own last prompt before it serves again',
  whenBack: 'what runs when you come back: abort it, or finish it',
  finishSeconds: "with 'finish': for so long at most",
  keepAliveSeconds: "how long a model stays in memory after an answer; 'engine': as the engine does",
  chargedPercent: 'the charge at which a pause until charged ends',
  tokensPerDay: 'tokens for others a day; 0: no limit',
  tokensPerModelPerDay: 'the same for any one model',
};

export const RULE_NAMES = Object.keys(RULE_TEXTS) as readonly RuleName[];

/** A word of the command line as the kind of value this rule has; whether it is a good one the running Lobstah says. */
export function parseRule(name: RuleName, text: string): unknown {
  const example = DEFAULT_RULES[name];
  if (Array.isArray(example))
    return text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  if (typeof example === 'boolean') {
    if (['on', 'yes', 'true'].includes(text)) return true;
    if (['off', 'no', 'false'].includes(text)) return false;
    throw new GridError('invalid_argument', `'${name}' is on or off, not '${text}'.`);
  }
  if (typeof example === 'string') return text;
  if (name === 'keepAliveSeconds' && text === 'engine') return null;
  const value = Number(text);
  if (!/^\d+$/.test(text)) throw new GridError('invalid_argument', `'${name}' is a whole number, not '${text}'.`);
  return value;
}

export function shownRule(value: SharingRulesView[RuleName]): string {
  if (value === true) return 'on';
  if (value === false) return 'off';
  if (value === null) return 'engine';
  if (Array.isArray(value)) return value.length > 0 ? value.join(', ') : 'none';
  return value === '' ? 'always' : String(value);
}
