import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder of its own for one test: `using folder = temporaryFolder()`. */
export function temporaryFolder(): { path(name: string): string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'lobstah-'));
  return {
    path: (name) => join(folder, name),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
