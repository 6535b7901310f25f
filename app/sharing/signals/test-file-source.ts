import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { THERMAL_STATES, type Signals } from '../signals.ts';
import type { SignalSource } from './source.ts';

const signalsSchema = z.strictObject({
  idleSeconds: z.number().optional(),
  screenLocked: z.boolean().optional(),
  displayOff: z.boolean().optional(),
  onBattery: z.boolean().optional(),
  chargePercent: z.number().optional(),
  lowPowerMode: z.boolean().optional(),
  thermal: z.enum(THERMAL_STATES).optional(),
  otherCpuShare: z.number().optional(),
  memoryPressure: z.enum(['normal', 'warning', 'critical']).optional(),
  displayHeldBy: z.array(z.string()).optional(),
  programs: z.array(z.string()).optional(),
  metered: z.boolean().optional(),
}) satisfies z.ZodType;

/**
 * A hook for tests: what LOBSTAH_TEST_SIGNALS names is a file with signals, read in place of the machine's own. A file that is not
 * there or is being written shows nothing.
 */
export function testFileSource(file: string): SignalSource {
  return {
    name: file,
    cost: 'cheap',
    read: () => signalsSchema.parse(JSON.parse(readFileSync(file, 'utf8'))) as Signals,
  };
}
