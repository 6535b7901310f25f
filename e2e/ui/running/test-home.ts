import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A home whose servers take free ports. Its path is short: a unix socket lies in it. */
export function createTestHome(settings: { onboardingDone?: boolean } = {}): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'lob-'));
  const ports = { worker: { port: 0 }, router: { port: 0 }, control: { port: 0 } };
  writeFileSync(join(path, 'settings.json'), JSON.stringify({ ...ports, ...settings }));
  // Chromium writes a last file while it goes.
  return { path, remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 }) };
}
