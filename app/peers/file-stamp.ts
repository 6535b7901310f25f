import { statSync } from 'node:fs';

/** Changes whenever the file does; 'absent' when there is none. A file replaced within one tick of the clock has another inode. */
export function fileStamp(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : 'absent';
}

/** Looking at a file costs more than all that is decided with it, and nobody notices an edit within this time. */
const LOOK_EVERY_MS = 100;

export interface WatchedFile {
  /** as it was at most 100 ms ago */
  stamp(): string;
  /** as it is */
  stampNow(): string;
}

export function watchFile(file: string): WatchedFile {
  let lookedAtMs = -Infinity;
  let known = '';
  const stampNow = (): string => {
    known = fileStamp(file);
    lookedAtMs = performance.now();
    return known;
  };
  return { stampNow, stamp: () => (performance.now() - lookedAtMs < LOOK_EVERY_MS ? known : stampNow()) };
}
