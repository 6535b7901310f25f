import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';

export interface PeakMemory {
  /** how much more memory the process had at its peak than when the measurement began */
  grownBytes(): number;
}

/** Resident memory of another process: the kernel's own high-water mark on Linux, `ps` every 20 ms elsewhere. */
export function peakMemory(pid: number): PeakMemory {
  if (process.platform === 'linux') {
    writeFileSync(`/proc/${pid}/clear_refs`, '5'); // the mark starts anew from what is resident now
    const before = statusBytes(pid, 'VmRSS');
    return { grownBytes: () => statusBytes(pid, 'VmHWM') - before };
  }
  const before = psBytes(pid);
  let peak = before;
  const timer = setInterval(() => (peak = Math.max(peak, psBytes(pid))), 20).unref();
  return {
    grownBytes() {
      clearInterval(timer);
      return Math.max(peak, psBytes(pid)) - before;
    },
  };
}

function statusBytes(pid: number, name: string): number {
  const row = new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (!row) throw new Error(`no ${name} of process ${pid}`);
  return Number(row[1]) * 1024;
}

function psBytes(pid: number): number {
  return Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) * 1024;
}
