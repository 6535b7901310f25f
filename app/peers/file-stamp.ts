import { statSync } from 'node:fs';

/** Changes whenever the file does; 'absent' when there is none. A file replaced within one tick of the clock has another inode. */
export function fileStamp(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat ? `${stat.mtimeMs}:${stat.size}:${stat.ino}` : 'absent';
}
