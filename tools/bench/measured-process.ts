import { resourceUsage } from 'node:process';

export interface Used {
  /** user and system time of all threads, in ms, since the process began */
  readonly cpuMs: number;
  /** the most memory that was resident at once, in MB, since the process began */
  readonly peakMb: number;
}

/** Lets the parent ask what this process has used. */
export function answerUsage(): void {
  process.on('message', (message) => {
    if (message !== 'usage') return;
    const { userCPUTime, systemCPUTime, maxRSS } = resourceUsage();
    process.send?.({ cpuMs: (userCPUTime + systemCPUTime) / 1_000, peakMb: maxRSS / 1024 } satisfies Used);
  });
}
