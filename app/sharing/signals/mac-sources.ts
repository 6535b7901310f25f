import type { Signals } from '../signals.ts';
import {
  parseBattery,
  parseDisplay,
  parseDisplayHolders,
  parseIdle,
  parseLocked,
  parseLowPower,
  parseMemoryPressure,
  parseProcesses,
  parseThermal,
} from './mac-parse.ts';
import type { RunProgram } from './run-program.ts';
import type { SignalSource } from './source.ts';

/** What a Mac shows without a window: the programs of the system, each asked for one thing. */
export function macSources(deps: { readonly run: RunProgram; readonly cores: number }): readonly SignalSource[] {
  const source = (
    cost: SignalSource['cost'],
    program: string,
    args: readonly string[],
    parse: (text: string) => Signals,
  ): SignalSource => ({
    name: [program, ...args].join(' '),
    cost,
    read: async (signal) => parse(await deps.run(program, args, signal)),
  });
  return [
    // 10 ms each: the only two that have to be quick.
    source('cheap', 'ioreg', ['-c', 'IOHIDSystem', '-d', '4'], parseIdle),
    source('cheap', 'ioreg', ['-n', 'Root', '-d', '1'], parseLocked),
    source('dear', 'pmset', ['-g', 'batt'], parseBattery),
    source('dear', 'pmset', ['-g'], parseLowPower),
    source('dear', 'pmset', ['-g', 'therm'], parseThermal),
    source('dear', 'pmset', ['-g', 'assertions'], parseDisplayHolders),
    source('dear', 'pmset', ['-g', 'powerstate', 'IODisplayWrangler'], parseDisplay),
    source('dear', 'sysctl', ['-n', 'kern.memorystatus_vm_pressure_level'], parseMemoryPressure),
    source('dear', 'ps', ['-Aceo', 'pcpu=,comm='], (text) => parseProcesses(text, deps.cores)),
  ];
}
