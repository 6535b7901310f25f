import { z } from 'zod';
import { DEFAULT_RULES, type SharingRules } from '../../sharing/rules.ts';
import { parseSchedule } from '../../sharing/schedule.ts';
import { THERMAL_STATES } from '../../sharing/signals.ts';

const percent = z.int().min(0).max(100);
const tokens = z.int().min(0).max(1_000_000_000_000);

/** One row for each rule: what it may be. Settings, commands and the command line all read this. */
export const RULE_SHAPE = {
  idleMinutes: z.int().min(0).max(600),
  lockedIsIdle: z.boolean(),
  displayOffIsIdle: z.boolean(),
  onBattery: z.boolean(),
  minChargePercent: percent,
  inLowPowerMode: z.boolean(),
  thermalLimit: z.enum(THERMAL_STATES),
  otherCpuPercent: percent,
  memoryInUsePercent: z.int().min(1).max(100),
  memoryIdlePercent: z.int().min(1).max(100),
  whileDisplayHeld: z.boolean(),
  exclusiveApps: z.array(z.string().trim().min(1).max(100)).max(100),
  onMetered: z.boolean(),
  schedule: z
    .string()
    .max(1000)
    .refine((text) => parseSchedule(text) !== undefined, "not hours like 'mon-fri 22:00-07:00, sat-sun 00:00-24:00'"),
  quietSeconds: z.int().min(5).max(3600),
  ownerQuietSeconds: z.int().min(0).max(3600),
  whenBack: z.enum(['abort', 'finish']),
  finishSeconds: z.int().min(1).max(3600),
  keepAliveSeconds: z.int().min(0).max(86_400).nullable(),
  chargedPercent: z.int().min(1).max(100),
  tokensPerDay: tokens,
  tokensPerModelPerDay: tokens,
} satisfies { [Name in keyof SharingRules]: z.ZodType };

/** What the owner changed; the rest has its defaults, which may get better with a newer version. */
export const storedRulesSchema = z.looseObject(RULE_SHAPE).partial();
export const rulesPatchSchema = z.strictObject(RULE_SHAPE).partial();

export function effectiveRules(stored: z.infer<typeof storedRulesSchema>): SharingRules {
  return { ...DEFAULT_RULES, ...(stored as Partial<SharingRules>) };
}
