import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface SmallDisk extends Disposable {
  readonly folder: string;
  grow(kilobytes: number): void;
}

/** A disk of its own in memory, for a test that fills it. @returns why there is none: only root may mount */
export function mountSmallDisk(kilobytes: number): SmallDisk | string {
  const folder = mkdtempSync(join(tmpdir(), 'lobstah-disk-'));
  const mount = (options: string) =>
    spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'lobstah-test', folder], { encoding: 'utf8' });
  const { status, stderr } = mount(`size=${kilobytes}k`);
  if (status !== 0) {
    rmSync(folder, { recursive: true });
    return `a small disk cannot be mounted here: ${stderr?.trim() || 'there is no mount'}`;
  }
  return {
    folder,
    grow(next) {
      const { status: code, stderr: problem } = mount(`remount,size=${next}k`);
      if (code !== 0) throw new Error(problem);
    },
    [Symbol.dispose]() {
      spawnSync('umount', ['-l', folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
