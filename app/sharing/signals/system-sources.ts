import { availableParallelism } from 'node:os';
import { linuxSources } from './linux-sources.ts';
import { macSources } from './mac-sources.ts';
import { runProgram } from './run-program.ts';
import type { SignalSource } from './source.ts';
import { testFileSource } from './test-file-source.ts';

/** What can be seen on this system; the shell's own sources go before these. */
export function systemSources(deps: {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly wantsProcesses: () => boolean;
}): { readonly sources: readonly SignalSource[]; readonly isTest: boolean } {
  const file = deps.env['LOBSTAH_TEST_SIGNALS'];
  if (file) return { sources: [testFileSource(file)], isTest: true };
  if (process.platform === 'darwin')
    return { sources: macSources({ run: runProgram, cores: availableParallelism() }), isTest: false };
  if (process.platform === 'linux')
    return {
      sources: linuxSources({ run: runProgram, root: '/', wantsProcesses: deps.wantsProcesses }),
      isTest: false,
    };
  return { sources: [], isTest: false };
}
